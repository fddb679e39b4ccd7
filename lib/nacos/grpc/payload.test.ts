import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodePayload, encodePayload, type Payload, payload } from "./payload.ts";
import { field, MalformedMessage } from "./protobuf.ts";

const text = fc.string({ unit: "binary" });
const anyPayload: fc.Arbitrary<Payload> = fc.record({
  type: text,
  clientIp: text,
  headers: fc.array(fc.tuple(text, text)).map((entries) => new Map(entries)),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test("what is encoded is decoded", () => {
  fc.assert(
    fc.property(anyPayload, (given) => {
      expect(decodePayload(encodePayload(given))).toEqual(given);
    }),
  );
});

describe("a message of another sender", () => {
  test("has the bytes that the definition of the message gives", () => {
    const message = payload("A", "{}", { clientIp: "::1", headers: new Map([["k", "v"]]) });
    const metadata = "1a0141" + "3a060a016b120176" + "42033a3a31";
    expect(encodePayload(message).toString("hex")).toBe(`1210${metadata}1a0412027b7d`);
  });

  test("may have fields in any order, of any type, and unknown ones", () => {
    const unknown = Buffer.from("0801" + "110000000000000000" + "1d00000000", "hex");
    const message = Buffer.concat([
      field(3, field(2, "{}")),
      unknown,
      field(2, field(3, "A")),
      field(99, "x"),
    ]);
    expect(decodePayload(message)).toEqual(payload("A", "{}"));
  });

  test("lacks what is empty", () => {
    expect(decodePayload(Buffer.alloc(0))).toEqual(payload("", ""));
  });

  test("may have parts twice: the last of each counts", () => {
    const message = Buffer.concat([
      field(2, field(3, "A")),
      field(2, field(8, "::1")),
      field(2, field(3, "B")),
    ]);
    expect(decodePayload(message)).toEqual(payload("B", "", { clientIp: "::1" }));
  });

  test("may have a header of any name", () => {
    const message = encodePayload(payload("A", "", { headers: new Map([["__proto__", "x"]]) }));
    expect([...decodePayload(message).headers]).toEqual([["__proto__", "x"]]);
  });
});

describe("bytes that are no message", () => {
  test.each([
    ["a field that ends early", "1205"],
    ["a length beyond any message", "12ffffffffffffffffff01"],
    ["a number that does not end", "08ffffffffffffffffffff01"],
    ["a number that ends early", "0880"],
    ["field 0", "0200"],
    ["a group", "13"],
    ["an unknown type of field", "17"],
    ["a fixed field that ends early", "1100"],
    ["a type that is not UTF-8", "12031a01ff"],
  ])("are refused: %s", (_, hex) => {
    expect(() => decodePayload(Buffer.from(hex, "hex"))).toThrow(MalformedMessage);
  });

  test("give a message or are refused, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePayload(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
