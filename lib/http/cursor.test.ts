import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { openCursor, sealCursor } from "./cursor.ts";

const key = new Uint8Array(32).fill(1);
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
    expect(() => openCursor(new Uint8Array(32), scope, sealCursor(key, scope, "x"))).toThrow(refused);
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
