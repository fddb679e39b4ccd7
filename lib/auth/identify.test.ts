import { describe, expect, test } from "@jest/globals";
import type { Access } from "../contract/route.ts";
import { DomainError } from "../core/domain-error.ts";
import { problemOf, STATUS_OF } from "../http/problem.ts";
import { ANONYMOUS } from "./caller.ts";
import { identify, identifyUser, requireUser } from "./identify.ts";
import { createTokens } from "./tokens.ts";

const tokens = createTokens({ SECRET_KEY: "a secret of this test", TOKEN_AUDIENCE: "cfmp-order" });
const person = await tokens.mintUser({ sub: "ann" }, 60);
const service = await tokens.mintService("PaymentService", "OrderService");
const other = await tokens.mintService("NotificationService", "OrderService");
const elsewhere = await tokens.mintService("PaymentService", "NotificationService");

const nothing = {};
const bare = { uuid: "bob" };
const withToken = { authorization: `Bearer ${person}` };
const withBoth = { ...withToken, ...bare };
const asService = { authorization: `Bearer ${service}` };
const asOtherService = { authorization: `Bearer ${other}` };
const forAnotherCallee = { authorization: `Bearer ${elsewhere}` };
const lowerCase = { authorization: `bearer ${person}` };
const basic = { authorization: "Basic YTpi" };
const broken = { authorization: "Bearer nonsense" };
const strangeUser = { uuid: "bob'; drop" };

const anonymous = "anonymous";
type Headers = Readonly<Record<string, string>>;

/** Access of the route, headers sent, and who that is without and with DEBUG. */
const table: [Access, string, Headers, string, string][] = [
  ["public", "nothing", nothing, anonymous, anonymous],
  ["public", "a broken token", broken, anonymous, anonymous],
  ["signed", "a person's token", withToken, anonymous, anonymous],
  ["user", "nothing", nothing, "401 token_missing", "demo"],
  ["user", "a bare id", bare, "401 token_missing", "bob"],
  ["user", "a bare id that is none", strangeUser, "401 token_missing", "401 user_invalid"],
  ["user", "an empty bare id", { uuid: "" }, "401 token_missing", "401 user_invalid"],
  ["user", "a person's token", withToken, "ann", "ann"],
  ["user", "a person's token, lower-case scheme", lowerCase, "ann", "ann"],
  ["user", "a token and a bare id", withBoth, "ann", "ann"],
  ["user", "a service's token", asService, "401 token_invalid", "401 token_invalid"],
  ["user", "a broken token", broken, "401 token_invalid", "401 token_invalid"],
  ["user", "a broken token and a bare id", { ...broken, ...bare }, "401 token_invalid", "401 token_invalid"],
  ["user", "another scheme", basic, "401 token_invalid", "401 token_invalid"],
  ["user", "an empty Authorization", { authorization: "" }, "401 token_invalid", "401 token_invalid"],
  ["service", "nothing", nothing, "401 token_missing", "401 token_missing"],
  ["service", "a bare id", bare, "401 token_missing", "401 token_missing"],
  ["service", "a person's token", withToken, "401 token_invalid", "401 token_invalid"],
  ["service", "a caller's token", asService, "PaymentService", "PaymentService"],
  ["service", "another service's token", asOtherService, "403 caller_not_allowed", "403 caller_not_allowed"],
  [
    "service",
    "a caller's token for another callee",
    forAnotherCallee,
    "401 token_invalid",
    "401 token_invalid",
  ],
];

/** The caller's name, or the refusal as `401 code`. */
async function who(access: Access, headers: Headers, debug: boolean): Promise<string> {
  try {
    const route = { access, callers: ["PaymentService"] };
    const caller = await identify(route, "OrderService", headers, tokens, debug);
    if (caller.kind === "user") return caller.id;
    return caller.kind === "service" ? caller.name : anonymous;
  } catch (error) {
    if (error instanceof DomainError) return `${STATUS_OF[error.kind]} ${error.code}`;
    throw error;
  }
}

describe.each(table)("a %s route called with %s", (access, _, headers, expected, expectedInDebug) => {
  test(`sees the caller ${expected}`, async () => {
    expect(await who(access, headers, false)).toBe(expected);
  });

  test(`with DEBUG sees the caller ${expectedInDebug}`, async () => {
    expect(await who(access, headers, true)).toBe(expectedInDebug);
  });
});

test("a refused token is answered with a challenge", async () => {
  const refusal = await identifyUser(broken, tokens, false).catch((error: unknown) => error);
  expect(refusal instanceof DomainError && problemOf(refusal)).toMatchObject({
    headers: { "www-authenticate": 'Bearer realm="cfmp-order", error="token_invalid"' },
  });
});

test("an internal route that names no caller is closed to every service", async () => {
  await expect(
    identify({ access: "service" }, "OrderService", asService, tokens, true),
  ).rejects.toMatchObject({
    kind: "forbidden",
    code: "caller_not_allowed",
  });
});

test("nobody and services are no users", () => {
  expect(() => requireUser(ANONYMOUS)).toThrow(DomainError);
  expect(() => requireUser({ kind: "service", name: "OrderService" })).toThrow(DomainError);
});
