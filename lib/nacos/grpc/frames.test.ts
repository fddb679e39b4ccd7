import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FrameReader, frame } from "./frames.ts";
import { GRPC_STATUS, GrpcError } from "./status.ts";

const MAX = 1_000;
const messages = fc.array(fc.uint8Array({ maxLength: MAX }), { maxLength: 8 });

/** `bytes` in pieces that end at `cuts`. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((one, other) => one - other);
  return [...ends, bytes.length].map((end, index, all) => bytes.subarray(all[index - 1] ?? 0, end));
}

describe("messages", () => {
  test("arrive whole and in order, however their bytes are split", () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map((message) => frame(Buffer.from(message))));
        const reader = new FrameReader(MAX);
        const read = pieces(stream, cuts).flatMap((piece) => reader.read(piece));
        expect(read.map((message) => [...message])).toEqual(sent.map((message) => [...message]));
        expect(reader.buffered).toBe(0);
      }),
    );
  });

  test("may arrive byte by byte", () => {
    const reader = new FrameReader(MAX);
    const message = Buffer.from("a message");
    const read = [...frame(message)].flatMap((byte) => reader.read(Buffer.from([byte])));
    expect(read).toEqual([message]);
  });

  test("count as waiting until they are whole", () => {
    const reader = new FrameReader(MAX);
    reader.read(frame(Buffer.from("a message")).subarray(0, 7));
    expect(reader.buffered).toBe(7);
  });
});

function statusOf(bytes: Buffer): number | undefined {
  try {
    new FrameReader(MAX).read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(GrpcError);
    return error instanceof GrpcError ? error.status : undefined;
  }
  return undefined;
}

test("a message above the limit is refused by its length, before it arrives", () => {
  expect(statusOf(frame(Buffer.alloc(MAX + 1)).subarray(0, 5))).toBe(GRPC_STATUS.RESOURCE_EXHAUSTED);
});

test("compressed messages and other bytes are refused", () => {
  expect(statusOf(Buffer.from([1, 0, 0, 0, 0]))).toBe(GRPC_STATUS.UNIMPLEMENTED);
  expect(statusOf(Buffer.from("GET / HTTP/1.1"))).toBe(GRPC_STATUS.INTERNAL);
});
