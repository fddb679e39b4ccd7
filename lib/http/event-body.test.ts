import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bodyText, MAX_BODY_BYTES, toEventBody } from "./event-body.ts";

const refusal = (code: string) => expect.objectContaining({ code });

test("a text comes out of an event as it went in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const type of ["application/json", "application/x-www-form-urlencoded"])
        expect(bodyText(toEventBody(Buffer.from(text), type))).toBe(text.toWellFormed());
    }),
  );
});

test.each([
  ["application/json", false],
  ["Application/JSON; charset=utf-8", false],
  ["text/plain", false],
  ["text/html;charset=utf-8", false],
  ["application/xml", false],
  ["application/javascript", false],
  ["application/x-www-form-urlencoded", true],
  ["multipart/form-data; boundary=text/plain", true],
  ["application/problem+json", true],
  ["application/json5", true],
  ["image/png", true],
  ["", true],
  [undefined, true],
])("the content type decides how a body comes, as on AWS: %s", (type, isBase64Encoded) => {
  const body = isBase64Encoded ? Buffer.from("文").toString("base64") : "文";
  expect(toEventBody(Buffer.from("文"), type)).toEqual({ body, isBase64Encoded });
});

test("bytes are in an event as they were sent, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const { body = "", isBase64Encoded } = toEventBody(Buffer.from(bytes), "text/plain");
      expect(Buffer.from(body, isBase64Encoded ? "base64" : "utf8")).toEqual(Buffer.from(bytes));
    }),
  );
});

test("no bytes are no body", () => {
  expect(toEventBody(Buffer.alloc(0))).toEqual({ isBase64Encoded: false });
  expect(bodyText({ isBase64Encoded: false })).toBe("");
});

describe("a body that is not UTF-8", () => {
  test.each<[string, number[]]>([
    ["GBK", [0xd5, 0xc5, 0xc8, 0xfd]],
    ["Latin-1", [0x63, 0x61, 0x66, 0xe9]],
    ["cut in the middle of a character", [0xe5, 0xbc]],
    ["an overlong form", [0xc0, 0x80]],
    ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00]],
  ])("is refused: %s", (_, bytes) => {
    expect(() => bodyText(toEventBody(Buffer.from(bytes), "application/json"))).toThrow(
      refusal("body_not_utf8"),
    );
  });

  test("is refused as text with half a character as well", () => {
    expect(() => bodyText({ body: "\ud83d", isBase64Encoded: false })).toThrow(refusal("body_not_utf8"));
  });
});

test.each([
  ["text", toEventBody(Buffer.alloc(MAX_BODY_BYTES + 1, "a"), "text/plain")],
  ["text of wide characters", toEventBody(Buffer.from("界".repeat(MAX_BODY_BYTES / 3 + 1)), "text/plain")],
  ["base64", toEventBody(Buffer.alloc(MAX_BODY_BYTES + 3, 0xff))],
])("a body that is too large is refused: %s", (_, body) => {
  expect(() => bodyText(body)).toThrow(refusal("body_too_large"));
});
