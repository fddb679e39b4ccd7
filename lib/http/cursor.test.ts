import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { setLive } from "../config/live.ts";
import { liveSettings } from "../config/live-schema.ts";
import { openCursor, pagesOf, sealCursor } from "./cursor.ts";

const key = [new Uint8Array(32).fill(1)];
const scope = ["ann", "listOrders", "buyer", "", "-created_at"];
const refused = expect.objectContaining({ name: "DomainError", kind: "malformed", code: "cursor_invalid" });

describe("a cursor", () => {
  test("opens to what it was sealed for, whatever that is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (after) => {
        expect(openCursor(key, scope, sealCursor(key, scope, after))).toBe(after);
      }),
    );
  });

  test.each([
    ["another user", ["bob", ...scope.slice(1)]],
    ["another filter", [...scope.slice(0, 3), "paid", "-created_at"]],
    ["another order", [...scope.slice(0, 4), "created_at"]],
    ["parts joined otherwise", ["annlistOrders", ...scope.slice(2)]],
  ])("is refused for %s", (_, other) => {
    expect(() => openCursor(key, other, sealCursor(key, scope, "x"))).toThrow(refused);
  });

  test("is refused under another key", () => {
    expect(() => openCursor([new Uint8Array(32)], scope, sealCursor(key, scope, "x"))).toThrow(refused);
  });

  test("is sealed with the first key, and opened by any", () => {
    const before = new Uint8Array(32).fill(2);
    const [now = before] = key;
    expect(openCursor([now, before], scope, sealCursor([before], scope, "x"))).toBe("x");
    expect(openCursor(key, scope, sealCursor([now, before], scope, "x"))).toBe("x");
    expect(() => openCursor([before], scope, sealCursor([now, before], scope, "x"))).toThrow(refused);
  });

  test("is refused when a character of it was changed", () => {
    const sealed = sealCursor(key, scope, "2026-03-01T12:00:00.000Z#id");
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
      expect(() => openCursor(key, scope, changed)).toThrow(refused);
    }
  });

  test("that was never sealed is refused, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.constantFrom("", ".", "..", "a.b.c")),
        (text) => {
          expect(() => openCursor(key, scope, text)).toThrow(refused);
        },
      ),
    );
  });

  test("says nothing of the key and fits into a URL", () => {
    expect(sealCursor(key, scope, "張三?&#")).toMatch(/^[\w.-]+$/);
  });
});

describe("a page", () => {
  afterEach(() => setLive(undefined));
  const operator = { ORDER_EXPIRY_MINUTES: 30, PAYMENT_EXPIRY_MINUTES: 15, LOG_LEVEL: "info" } as const;

  test("has ten entries unless the request says otherwise", () => {
    expect(pagesOf(key, scope, {}).limit).toBe(10);
    expect(pagesOf(key, scope, { limit: 100 }).limit).toBe(100);
  });

  test("has as many as the operator allows at most, from the next request on", () => {
    setLive(liveSettings(operator, { page_size_default: 5, page_size_max: 20 }));
    expect(pagesOf(key, scope, {}).limit).toBe(5);
    expect(pagesOf(key, scope, { limit: 100 }).limit).toBe(20);
    expect(pagesOf(key, scope, { limit: 7 }).limit).toBe(7);
  });

  test("goes on where the one before ended, and says where it ends itself", () => {
    const first = pagesOf(key, scope, {});
    expect(first.after).toBeUndefined();
    expect(first.cursor(undefined)).toBeNull();
    const cursor = first.cursor("here") ?? "";
    expect(pagesOf(key, scope, { cursor }).after).toBe("here");
  });
});
