// The part of the Protocol Buffers encoding that Nacos' one message needs: varints and length-delimited fields.
// Source: protobuf.dev/programming-guides/encoding

import { isUtf8 } from "node:buffer";

/** The bytes are not a message of the expected form. */
export class MalformedMessage extends Error {
  readonly code = "malformed_message";

  constructor(what: string) {
    super(`The message is malformed: ${what}.`);
    this.name = "MalformedMessage";
  }
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
/** Bytes of the longest varint, of 64 bits. */
const MAX_VARINT = 10;

/** A length-delimited field: a string, bytes, or an embedded message. */
export const field = (number: number, value: Buffer | string): Buffer => {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
};

/**
 * Calls `take` with the number and the bytes of each length-delimited field of `message`, in order. Fields of other types are
 * skipped, as a reader must do with those it does not know. The bytes share the memory of `message`.
 * @throws {MalformedMessage}
 */
export function readFields(message: Buffer, take: (number: number, value: Buffer) => void): void {
  let at = 0;
  while (at < message.length) {
    const key = readVarint(message, at);
    const number = Math.floor(key.value / 8);
    if (number === 0 || number >= 2 ** 29) throw new MalformedMessage(`there is no field ${number}`);
    at = key.end;
    switch (key.value % 8) {
      case VARINT:
        at = readVarint(message, at).end;
        break;
      case FIXED64:
        at += 8;
        break;
      case FIXED32:
        at += 4;
        break;
      case LENGTH_DELIMITED: {
        const { value: length, end } = readVarint(message, at);
        at = end + length;
        if (at <= message.length) take(number, message.subarray(end, at));
        break;
      }
      default:
        throw new MalformedMessage(`field ${number} has an unknown type`);
    }
  }
  if (at > message.length) throw new MalformedMessage("it ends within a field");
}

/** Text of a string field. @throws {MalformedMessage} when it is not UTF-8, which the encoding requires. */
export function text(value: Buffer): string {
  if (!isUtf8(value)) throw new MalformedMessage("a text is not UTF-8");
  return value.toString("utf8");
}

/** A length or key; far above 2^53 it is inexact, which is too long for any message anyway. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function readVarint(message: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < MAX_VARINT; index += 1) {
    const byte = message[start + index];
    if (byte === undefined) throw new MalformedMessage("it ends within a number");
    value += (byte % 128) * 128 ** index;
    if (byte < 128) return { value, end: start + index + 1 };
  }
  throw new MalformedMessage("a number is too long");
}
