import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { deriveKey } from "./keys.ts";
import { createTokens, type TokenSettings } from "./tokens.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const settings: TokenSettings = { SECRET_KEY: "a secret of this test", TOKEN_AUDIENCE: "cfmp-order" };
const userKey = deriveKey(settings.SECRET_KEY, "user-token");
const refusal = (code: string, kind = "unauthenticated") =>
  expect.objectContaining({ name: "DomainError", kind, code });

interface Claims {
  readonly sub?: unknown;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  readonly scope?: unknown;
  readonly locale?: unknown;
  readonly iss?: string;
  readonly aud?: string;
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly nbf?: unknown;
}

/** A token as this system would sign it, but for what is given. */
function signed(
  claims: Claims,
  key: Uint8Array | CryptoKey = userKey,
  header: { alg: string; kid?: string } = { alg: "HS256" },
) {
  const { sub = "ann", aud = "cfmp-order", exp = NOW / 1_000 + 60, ...others } = claims;
  // jose signs claims of any type; its types allow those of RFC 7519 alone.
  const payload: Record<string, unknown> = { sub, aud, exp, ...others };
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
}

describe("a person's token", () => {
  const tokens = createTokens(settings, () => NOW);

  test("gives the user with address and scopes", async () => {
    const token = await signed({ email: "ann@example.com", scope: "refund notify" });
    expect(await tokens.verifyUser(token)).toEqual({
      kind: "user",
      id: "ann",
      email: "ann@example.com",
      scopes: new Set(["refund", "notify"]),
    });
  });

  test.each([
    ["zh-Hans-CN", "zh-CN"],
    ["en_GB", "en"],
    ["fr", undefined],
    [["en"], undefined],
  ])("with the locale %j is of a user who reads %s", async (claim, locale) => {
    const user = await tokens.verifyUser(await signed({ locale: claim }));
    expect(user).toEqual({ kind: "user", id: "ann", scopes: new Set(), ...(locale ? { locale } : {}) });
  });

  test("that this system minted is valid here", async () => {
    const token = await tokens.mintUser({ sub: "ann", scope: "notify" }, 60);
    expect(await tokens.verifyUser(token)).toMatchObject({ id: "ann", scopes: new Set(["notify"]) });
  });

  test("with an address or scope of another type has none", async () => {
    const user = await tokens.verifyUser(await signed({ email: 7, scope: ["refund"] }));
    expect(user).toEqual({ kind: "user", id: "ann", scopes: new Set() });
  });

  const now = NOW / 1_000;
  const day = 24 * 3_600;
  const other = new Uint8Array(32);
  test.each<[string, () => Promise<string> | string, string]>([
    ["has expired", () => signed({ exp: now - 6 }), "token_expired"],
    ["is for another audience", () => signed({ aud: "elsewhere" }), "token_invalid"],
    ["was signed with another key", () => signed({}, other), "token_invalid"],
    [
      "was signed with SECRET_KEY itself",
      () => signed({}, Buffer.from(settings.SECRET_KEY.padEnd(32))),
      "token_invalid",
    ],
    ["names another algorithm", () => signed({}, new Uint8Array(64), { alg: "HS512" }), "token_invalid"],
    [
      "is not signed",
      () =>
        new UnsecuredJWT({ sub: "ann" })
          .setAudience("cfmp-order")
          .setExpirationTime(now + 60)
          .encode(),
      "token_invalid",
    ],
    [
      "never expires",
      () => new SignJWT({ sub: "ann", aud: "cfmp-order" }).setProtectedHeader({ alg: "HS256" }).sign(userKey),
      "token_invalid",
    ],
    ["has an id that no user has", () => signed({ sub: "a b" }), "token_invalid"],
    ["has a number for an id", () => signed({ sub: 4711 }), "token_invalid"],
    ["has true for an id", () => signed({ sub: true }), "token_invalid"],
    ["has null for an id", () => signed({ sub: null }), "token_invalid"],
    ["has a list for an id", () => signed({ sub: ["ann"] }), "token_invalid"],
    ["has an object for an id", () => signed({ sub: { id: "ann" } }), "token_invalid"],
    ["has an empty id", () => signed({ sub: "" }), "token_invalid"],
    ["has an end that is no number", () => signed({ exp: String(now + 60) }), "token_invalid"],
    ["has a beginning that is no number", () => signed({ nbf: "now" }), "token_invalid"],
    ["was made at no number", () => signed({ iat: [now] }), "token_invalid"],
    ["was made in the future", () => signed({ iat: now + 60, exp: now + 120 }), "token_invalid"],
    ["is not valid yet", () => signed({ nbf: now + 60, exp: now + 120 }), "token_invalid"],
    [
      "was made to live for more than a day",
      () => signed({ iat: now, exp: now + day + 6 }),
      "token_lifetime_too_long",
    ],
    [
      "is valid for more than a day and does not say since when",
      () => signed({ exp: now + day + 6 }),
      "token_lifetime_too_long",
    ],
    [
      "was made to live for a year, which is nearly over",
      () => signed({ iat: now - 364 * day, exp: now + day }),
      "token_lifetime_too_long",
    ],
    ["has a very long id", () => signed({ sub: "a".repeat(129) }), "token_invalid"],
    ["is a service's", () => tokens.mintService("OrderService", "PaymentService"), "token_invalid"],
    ["is no token", () => "a.b.c", "token_invalid"],
    ["is empty", () => "", "token_invalid"],
  ])("that %s is refused", async (_, make, code) => {
    await expect(tokens.verifyUser(await make())).rejects.toThrow(refusal(code));
  });

  test("lives for a day, or for as long as is set", async () => {
    expect(await tokens.verifyUser(await signed({ iat: now, exp: now + day }))).toMatchObject({ id: "ann" });
    const shorter = createTokens({ ...settings, TOKEN_MAX_MINUTES: 10 }, () => NOW);
    expect(await shorter.verifyUser(await signed({ exp: now + 600 }))).toMatchObject({ id: "ann" });
    await expect(shorter.verifyUser(await signed({ exp: now + 660 }))).rejects.toThrow(
      refusal("token_lifetime_too_long"),
    );
  });

  const email = "ann@example.com";
  test.each([
    [{ email }, email],
    [{ email, email_verified: true }, email],
    [{ email, email_verified: "true" }, email],
    [{ email, email_verified: false }, undefined],
    [{ email, email_verified: "false" }, undefined],
    [{ email, email_verified: null }, undefined],
    [{ email, email_verified: 1 }, undefined],
    [{ email: [email], email_verified: true }, undefined],
    [{ email_verified: true }, undefined],
  ])("with %j has the address %p", async (claims, expected) => {
    expect((await tokens.verifyUser(await signed(claims))).email).toBe(expected);
  });

  test("whose payload was altered is refused", async () => {
    const [header, , signature] = (await signed({})).split(".");
    const claims = Buffer.from(JSON.stringify({ sub: "eve", aud: "cfmp-order", exp: NOW }));
    const forged = `${header}.${claims.toString("base64url")}.${signature}`;
    await expect(tokens.verifyUser(forged)).rejects.toThrow(refusal("token_invalid"));
  });

  test("must come from the issuer that is set", async () => {
    const strict = createTokens({ ...settings, TOKEN_ISSUER: "https://id.example" }, () => NOW);
    await expect(strict.verifyUser(await signed({}))).rejects.toThrow(refusal("token_invalid"));
    expect(await strict.verifyUser(await signed({ iss: "https://id.example" }))).toMatchObject({ id: "ann" });
    expect(await strict.verifyUser(await strict.mintUser({ sub: "bob" }, 60))).toMatchObject({ id: "bob" });
  });

  test("that was verified before is refused once it has expired", async () => {
    let time = NOW;
    const clocked = createTokens(settings, () => time);
    const token = await clocked.mintUser({ sub: "ann" }, 30);
    expect(await clocked.verifyUser(token)).toMatchObject({ id: "ann" });
    time = NOW + 36_000;
    await expect(clocked.verifyUser(token)).rejects.toThrow(refusal("token_expired"));
  });
});

describe("a service's token", () => {
  const tokens = createTokens(settings, () => NOW);
  const serviceKey = deriveKey(settings.SECRET_KEY, "service-token");
  const now = NOW / 1_000;
  const forOrders = "cfmp-order/internal/OrderService";

  test("names the service that calls", async () => {
    const token = await tokens.mintService("PaymentService", "OrderService");
    expect(await tokens.verifyService(token, "OrderService")).toBe("PaymentService");
  });

  test("is worth nothing at another service than the one it was made for, also where it is known", async () => {
    const token = await tokens.mintService("PaymentService", "OrderService");
    expect(await tokens.verifyService(token, "OrderService")).toBe("PaymentService");
    await expect(tokens.verifyService(token, "NotificationService")).rejects.toThrow(
      refusal("token_invalid"),
    );
    await expect(tokens.verifyService(token, "PaymentService")).rejects.toThrow(refusal("token_invalid"));
  });

  test("is understood by services of the version before, which look for one audience of all", async () => {
    const token = await tokens.mintService("PaymentService", "OrderService");
    const verified = await jwtVerify(token, serviceKey, {
      audience: "cfmp-order/internal",
      currentDate: new Date(NOW),
    });
    expect(verified.payload.sub).toBe("PaymentService");
  });

  test("is no person's, and a person's is no service's", async () => {
    const person = await tokens.mintUser({ sub: "OrderService" }, 60);
    await expect(tokens.verifyService(person, "OrderService")).rejects.toThrow(refusal("token_invalid"));
  });

  test.each<[string, Claims]>([
    ["for all services at once", { aud: "cfmp-order/internal" }],
    ["of a caller that is no text", { aud: forOrders, sub: ["PaymentService"] }],
    ["of a caller without a name", { aud: forOrders, sub: "" }],
    ["made in the future", { aud: forOrders, iat: now + 60, exp: now + 90 }],
  ])("%s is refused", async (_, claims) => {
    const token = await signed({ sub: "PaymentService", ...claims }, serviceKey);
    await expect(tokens.verifyService(token, "OrderService")).rejects.toThrow(refusal("token_invalid"));
  });

  test("that lives for more than five minutes is refused", async () => {
    const lasting = (seconds: number) =>
      signed({ sub: "PaymentService", aud: forOrders, iat: now, exp: now + seconds }, serviceKey);
    expect(await tokens.verifyService(await lasting(300), "OrderService")).toBe("PaymentService");
    await expect(tokens.verifyService(await lasting(306), "OrderService")).rejects.toThrow(
      refusal("token_lifetime_too_long"),
    );
  });

  test("is a person's neither with the right audience: the keys differ", async () => {
    const forged = await signed({ aud: forOrders });
    await expect(tokens.verifyService(forged, "OrderService")).rejects.toThrow(refusal("token_invalid"));
  });

  test("is made anew before half of its life is over, one for each callee", async () => {
    let time = NOW;
    const clocked = createTokens(settings, () => time);
    const mint = (callee: string) => clocked.mintService("PaymentService", callee);
    const first = await mint("OrderService");
    expect(await mint("NotificationService")).not.toBe(first);
    time = NOW + 29_000;
    expect(await mint("OrderService")).toBe(first);
    time = NOW + 31_000;
    expect(await mint("OrderService")).not.toBe(first);
  });

  test("is made anew in time although the clock was set back", async () => {
    let [time, passed] = [NOW, 0];
    const clocked = createTokens(
      settings,
      () => time,
      () => passed,
    );
    const first = await clocked.mintService("PaymentService", "OrderService");
    time = NOW - 3_600_000;
    passed = 29_000;
    expect(await clocked.mintService("PaymentService", "OrderService")).toBe(first);
    passed = 31_000;
    expect(await clocked.mintService("PaymentService", "OrderService")).not.toBe(first);
  });

  test("from a system with another SECRET_KEY is refused", async () => {
    const elsewhere = createTokens({ ...settings, SECRET_KEY: "another" }, () => NOW);
    const token = await elsewhere.mintService("PaymentService", "OrderService");
    await expect(tokens.verifyService(token, "OrderService")).rejects.toThrow(refusal("token_invalid"));
  });
});

describe("with a JWKS", () => {
  let provider: Server;
  let key: CryptoKey;
  let url: string;
  let status = 200;

  beforeAll(async () => {
    const pair = await generateKeyPair("RS256");
    key = pair.privateKey;
    const published = JSON.stringify({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "RS256" }],
    });
    provider = createServer((_request, reply) => {
      reply.writeHead(status, { "content-type": "application/json" }).end(published);
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const address = provider.address();
    url = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}/keys`;
  });
  afterAll(() => {
    provider.closeAllConnections();
    provider.close();
  });

  const rs256 = { alg: "RS256", kid: "k1" };

  test("a token of the provider's is valid", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    expect(await tokens.verifyUser(await signed({ sub: "ann" }, key, rs256))).toMatchObject({ id: "ann" });
  });

  test("an address counts only if the provider says that it was verified", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    const addressIn = async (claims: Claims) =>
      (await tokens.verifyUser(await signed({ email: "ann@example.com", ...claims }, key, rs256))).email;
    expect(await addressIn({ email_verified: true })).toBe("ann@example.com");
    expect(await addressIn({ email_verified: false })).toBeUndefined();
    expect(await addressIn({})).toBeUndefined();
  });

  test("a token that lives too long is refused", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    const lasting = await signed({ exp: NOW / 1_000 + 25 * 3_600 }, key, rs256);
    await expect(tokens.verifyUser(lasting)).rejects.toThrow(refusal("token_lifetime_too_long"));
  });

  test("a token signed with SECRET_KEY's key is not", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    await expect(tokens.verifyUser(await signed({}))).rejects.toThrow(refusal("token_invalid"));
  });

  test("a token of a key that was not published is not", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    const { privateKey } = await generateKeyPair("RS256");
    const unknown = await signed({}, privateKey, { alg: "RS256", kid: "k2" });
    await expect(tokens.verifyUser(unknown)).rejects.toThrow(refusal("token_invalid"));
    const forged = await signed({}, privateKey, rs256);
    await expect(tokens.verifyUser(forged)).rejects.toThrow(refusal("token_invalid"));
  });

  test("services still sign with the system's own key", async () => {
    const tokens = createTokens({ ...settings, JWKS_URL: url }, () => NOW);
    const token = await tokens.mintService("PaymentService", "OrderService");
    expect(await tokens.verifyService(token, "OrderService")).toBe("PaymentService");
  });

  test.each([
    ["answers 500", () => url, 500],
    ["can't be reached", () => "http://127.0.0.1:1/keys", 200],
  ])("a provider that %s makes requests wait, it does not make tokens invalid", async (_, at, answer) => {
    status = answer;
    const tokens = createTokens({ ...settings, JWKS_URL: at() }, () => NOW);
    const token = await signed({}, key, rs256);
    await expect(tokens.verifyUser(token)).rejects.toThrow(refusal("keys_unavailable", "unavailable"));
    status = 200;
  });
});

describe("when the key was changed", () => {
  const before = createTokens(settings, () => NOW);
  const changed = { ...settings, SECRET_KEY: "n".repeat(40) };
  const after = createTokens({ ...changed, SECRET_KEY_FALLBACKS: [settings.SECRET_KEY] }, () => NOW);

  test("tokens of the old one are accepted while it is a fallback, and no longer", async () => {
    const user = await before.mintUser({ sub: "ann" }, 60);
    const service = await before.mintService("OrderService", "PaymentService");
    expect(await after.verifyUser(user)).toMatchObject({ id: "ann" });
    expect(await after.verifyService(service, "PaymentService")).toBe("OrderService");
    const finished = createTokens(changed, () => NOW);
    await expect(finished.verifyUser(user)).rejects.toMatchObject({ code: "token_invalid" });
    await expect(finished.verifyService(service, "PaymentService")).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  test("tokens are signed with the new one, and say so", async () => {
    const user = await after.mintUser({ sub: "ann" }, 60);
    expect(await createTokens(changed, () => NOW).verifyUser(user)).toMatchObject({ id: "ann" });
    await expect(before.verifyUser(user)).rejects.toMatchObject({ code: "token_invalid" });
    expect(decodeProtectedHeader(user)).toEqual({ alg: "HS256", kid: expect.stringMatching(/^[\w-]{8}$/) });
  });

  test("tokens without a kid, or with somebody else's, are tried with each key", async () => {
    for (const header of [{ alg: "HS256" }, { alg: "HS256", kid: "mine" }]) {
      const token = await signed({}, userKey, header);
      expect(await after.verifyUser(token)).toMatchObject({ id: "ann" });
    }
    await expect(
      after.verifyUser(await signed({}, deriveKey("another secret", "user-token"))),
    ).rejects.toMatchObject({ code: "token_invalid" });
  });

  test("a fallback's purposes stay apart: a user's token is not a service's", async () => {
    const user = await before.mintUser({ sub: "OrderService" }, 60);
    await expect(after.verifyService(user, "PaymentService")).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  test("an expired token of the old key has expired", async () => {
    const token = await signed({ exp: NOW / 1_000 - 6 });
    await expect(after.verifyUser(token)).rejects.toMatchObject({ code: "token_expired" });
  });
});
