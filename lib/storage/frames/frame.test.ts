import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Frame, FrameReader, FrameWriter, isSendable, MAX_BODY_BYTES, MalformedFrame } from "./frame.ts";
import { readReplyHead, writeReplyHead } from "./reply-head.ts";

const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
const frame: fc.Arbitrary<Frame> = fc.record({
  number: fc.nat(2 ** 32 - 1),
  head: text(20),
  body: fc.oneof(text(50), text(2_000)),
});

function bytesOf(frames: readonly Frame[]): Buffer {
  const writer = new FrameWriter();
  for (const { number, head, body } of frames) writer.add(number, head, body);
  return writer.take();
}

/** `bytes`, cut at each of `places`. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => Math.floor(place * bytes.length)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 40 });

describe("frames", () => {
  test("come out as they were written, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), places, (frames, cuts) => {
        const reader = new FrameReader();
        expect(cut(bytesOf(frames), cuts).flatMap((part) => reader.read(part))).toEqual(frames);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("come out byte by byte, each with its last byte", () => {
    const reader = new FrameReader();
    const bytes = bytesOf([{ number: 7, head: "GetItem", body: '{"a":"张"}' }]);
    const counts = Array.from(bytes, (byte) => reader.read(Buffer.of(byte)).length);
    expect(counts).toEqual([...Array.from({ length: bytes.length - 1 }, () => 0), 1]);
  });

  test("are gathered anew after they were taken", () => {
    const writer = new FrameWriter();
    expect(writer.add(1, "a", "b")).toBe(writer.bytes);
    expect(writer.take()).toHaveLength(11);
    expect([writer.bytes, writer.take().length]).toEqual([0, 0]);
  });

  test("that would be too long are not written", () => {
    const writer = new FrameWriter();
    const large = "x".repeat(MAX_BODY_BYTES);
    expect([isSendable(large), isSendable(`${large}x`), isSendable(`${large.slice(2)}张`)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(() => writer.add(1, "PutItem", `${large}x`)).toThrow(RangeError);
    expect(() => writer.add(1, "x".repeat(256), "")).toThrow(RangeError);
    expect(writer.bytes).toBe(0);
    writer.add(1, "x".repeat(255), large);
    expect(new FrameReader().read(writer.take())).toEqual([
      { number: 1, head: "x".repeat(255), body: large },
    ]);
  });
});

describe("bytes that are no frame are refused as soon as they can be known:", () => {
  test.each([
    ["shorter than a frame can be", "00000004 00000001"],
    ["longer than a frame may be", "01000105"],
    ["as long as it can be said", "ffffffff"],
    ["a head that is longer than its frame", "00000006 00000001 02 61"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n").toString("hex")],
  ])("%s", (_, hex) => {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    expect(() => new FrameReader().read(bytes)).toThrow(MalformedFrame);
  });

  test("whatever the bytes are, nothing else is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), places, (bytes, cuts) => {
        const reader = new FrameReader();
        try {
          for (const part of cut(Buffer.from(bytes), cuts)) reader.read(part);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("the head of a reply", () => {
  test.each([
    [{ status: 200, writeFailure: undefined }, "200"],
    [{ status: 400, writeFailure: undefined }, "400"],
    [{ status: 503, writeFailure: "its disk fails" }, "503 its disk fails"],
  ])("%j is %p", (head, written) => {
    expect(writeReplyHead(head)).toBe(written);
    expect(readReplyHead(written)).toEqual(head);
  });

  test("is never too long", () => {
    const head = writeReplyHead({ status: 503, writeFailure: "张".repeat(300) });
    expect(new FrameWriter().add(1, head, "")).toBeGreaterThan(200);
  });

  test.each(["", "GetItem", "20", "2000", "200x", "600"])("can't be %p", (head) => {
    expect(() => readReplyHead(head)).toThrow(MalformedFrame);
  });
});
