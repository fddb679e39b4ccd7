import { describe, expect, test } from "@jest/globals";
import { ResultInvalid, toReply } from "./result.ts";

const JSON_TYPE = { "content-type": "application/json" };

describe("a result without a status code is the body of a 200", () => {
  test.each([
    ["a text", "text", "text"],
    ["an empty text", "", ""],
    ["an object", { a: [1, "张"] }, '{"a":[1,"张"]}'],
    ["an object whose status is undefined", { statusCode: undefined, a: 1 }, '{"a":1}'],
    ["a list", [], "[]"],
    ["a number", 7, "7"],
    ["false", false, "false"],
    ["null", null, "null"],
    ["nothing", undefined, "null"],
  ])("%s", (_, result, body) => {
    expect(toReply(result)).toEqual({
      status: 200,
      headers: { ...JSON_TYPE, "content-length": Buffer.byteLength(body) },
      body,
    });
  });
});

describe("a result with a status code is a reply", () => {
  test("with its headers in lower case and its values as texts", () => {
    const headers = { "Content-Type": "text/csv", "X-Number": 7, "x-truth": true, "x-none": undefined };
    expect(toReply({ statusCode: 201, headers, body: "a,b" })).toEqual({
      status: 201,
      headers: { "content-type": "text/csv", "x-number": "7", "x-truth": "true", "content-length": 3 },
      body: "a,b",
    });
  });

  test("of text, unless it says another type", () => {
    expect(toReply({ statusCode: 200, body: "x" }).headers).toEqual({
      "content-type": "text/plain; charset=utf-8",
      "content-length": 1,
    });
  });

  test.each([undefined, null, ""])("without a body, and without a type: %p", (body) => {
    expect(toReply({ statusCode: 200, body })).toEqual({
      status: 200,
      headers: { "content-length": 0 },
      body: "",
    });
  });

  test("with the bytes of a body in base64", () => {
    const reply = toReply({
      statusCode: 200,
      headers: { "content-type": "image/png" },
      body: "/w==",
      isBase64Encoded: true,
    });
    expect(reply.body).toEqual(Buffer.from([0xff]));
  });

  test("with its cookies, those in a header first", () => {
    const result = { statusCode: 200, headers: { "Set-Cookie": "a=1" }, cookies: ["b=2", "c=3"] };
    expect(toReply(result).headers).toMatchObject({ "set-cookie": ["a=1", "b=2", "c=3"] });
  });

  test("that the server frames", () => {
    const headers = {
      "Content-Length": "3",
      "Transfer-Encoding": "chunked",
      Connection: "close",
      Upgrade: "h2c",
    };
    expect(toReply({ statusCode: 200, headers, multiValueHeaders: { "x-many": ["1"] } }).headers).toEqual({
      "content-length": 0,
    });
  });

  test.each([204, 304])("without body and length by its status: %i", (statusCode) => {
    expect(toReply({ statusCode, body: "x" })).toMatchObject({ status: statusCode, body: "" });
    expect(toReply({ statusCode, body: "x" }).headers).not.toHaveProperty("content-length");
  });
});

test.each<[string, unknown]>([
  ["status as text", { statusCode: "200" }],
  ["status null", { statusCode: null }],
  ["status 0", { statusCode: 0 }],
  ["an informational status", { statusCode: 103 }],
  ["status 600", { statusCode: 600 }],
  ["status with a fraction", { statusCode: 200.5 }],
  ["body that is an object", { statusCode: 200, body: {} }],
  ["body that is a number", { statusCode: 200, body: 1 }],
  ["headers that are a text", { statusCode: 200, headers: "x: 1" }],
  ["headers that are a list", { statusCode: 200, headers: [] }],
  ["header that is null", { statusCode: 200, headers: { x: null } }],
  ["header that is a list", { statusCode: 200, headers: { x: ["1"] } }],
  ["cookies that are a text", { statusCode: 200, cookies: "a=1" }],
  ["cookie that is an object", { statusCode: 200, cookies: [{}] }],
])("a result that can't be sent is refused: %s", (_, result) => {
  expect(() => toReply(result)).toThrow(ResultInvalid);
});
