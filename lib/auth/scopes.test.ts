import { describe, expect, test } from "@jest/globals";
import { DomainError } from "../core/domain-error.ts";
import { DEBUG_SCOPES, hasScope, requireScope, sellsAs, type TokenScope } from "./scopes.ts";

const user = (id: string, ...scopes: TokenScope[]) => ({ id, scopes: new Set<string>(scopes) });

describe("a scope", () => {
  test("is had by whom the token gives it", () => {
    expect(hasScope(user("ann", "refund"), "refund")).toBe(true);
    expect(hasScope(user("ann", "refund"), "notify")).toBe(false);
  });

  test("that is missing is refused with 403, and the refusal names it", () => {
    expect(() => requireScope(user("ann", "notify"), "notify", "Notifying others")).not.toThrow();
    const refused = () => requireScope(user("ann", "sell"), "notify", "Notifying others");
    expect(refused).toThrow(DomainError);
    expect(refused).toThrow(
      expect.objectContaining({
        kind: "forbidden",
        code: "scope_missing",
        message: "Notifying others needs a token with the scope `notify`.",
      }),
    );
  });
});

describe("a seller", () => {
  test.each([
    ["is named and may sell", user("bob", "sell"), "bob", true],
    ["is named and may not sell", user("bob", "refund", "notify", "operate"), "bob", false],
    ["may sell and is not named", user("bob", "sell"), "ann", false],
    ["may sell where nobody is named", user("bob", "sell"), null, false],
  ])("who %s: %#", (_, someone, sellerId, expected) => {
    expect(sellsAs(someone, sellerId)).toBe(expected);
  });
});

test("a bare header gives nothing that reaches into what is somebody else's", () => {
  expect([...DEBUG_SCOPES].sort()).toEqual(["operate", "sell"]);
});
