// The only message of Nacos' gRPC API: a type, headers, and a body of JSON. Source: nacos_grpc_service.proto of Nacos
//   message Metadata { string type = 3; string clientIp = 8; map<string, string> headers = 7; }
//   message Payload { Metadata metadata = 2; google.protobuf.Any body = 3; }

import { field, readFields, text } from "./protobuf.ts";

export interface Payload {
  /** Name of the request or response: `InstanceRequest`. */
  readonly type: string;
  /** The sender's address as it sees itself; empty when it does not say. */
  readonly clientIp: string;
  readonly headers: ReadonlyMap<string, string>;
  /** JSON as UTF-8. */
  readonly body: Buffer;
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** A payload of this type with `json` as its body. */
export const payload = (
  type: string,
  json: string,
  { clientIp = "", headers = NO_HEADERS }: Partial<Pick<Payload, "clientIp" | "headers">> = {},
): Payload => ({ type, clientIp, headers, body: Buffer.from(json) });

/** The bytes of the message. */
export function encodePayload({ type, clientIp, headers, body }: Payload): Buffer {
  const entries = [...headers].map(([key, value]) =>
    field(7, Buffer.concat([field(1, key), field(2, value)])),
  );
  const metadata = [field(3, type), ...entries, ...(clientIp === "" ? [] : [field(8, clientIp)])];
  return Buffer.concat([field(2, Buffer.concat(metadata)), field(3, field(2, body))]);
}

/**
 * Reads a message. What it lacks is empty; of what it has twice the last one counts, as in every reader of Protocol Buffers.
 * The body shares the memory of `message`.
 * @throws {MalformedMessage}
 */
export function decodePayload(message: Buffer): Payload {
  let type = "";
  let clientIp = "";
  const headers = new Map<string, string>();
  let body: Buffer = Buffer.alloc(0);
  readFields(message, (number, value) => {
    if (number === 2) {
      readFields(value, (part, content) => {
        if (part === 3) type = text(content);
        else if (part === 7) headers.set(...headerOf(content));
        else if (part === 8) clientIp = text(content);
      });
    } else if (number === 3) {
      readFields(value, (part, content) => {
        if (part === 2) body = content;
      });
    }
  });
  return { type, clientIp, headers, body };
}

function headerOf(entry: Buffer): [name: string, value: string] {
  let name = "";
  let value = "";
  readFields(entry, (part, content) => {
    if (part === 1) name = text(content);
    else if (part === 2) value = text(content);
  });
  return [name, value];
}
