// The JSON of responses and pushes, with the fields that Nacos 3.1.0 sends: its clients are strict about what is missing.

import { frame } from "../../../lib/nacos/grpc/frames.ts";
import { encodePayload, payload } from "../../../lib/nacos/grpc/payload.ts";
import { RequestError } from "../request-error.ts";
import type { Push } from "./pushes.ts";

type Fields = Readonly<Record<string, unknown>>;

export const succeeded = (fields: Fields = {}): string =>
  JSON.stringify({ resultCode: 200, errorCode: 0, ...fields, success: true });

/** A successful response with `serviceInfo`, which is JSON already. */
export const withServiceInfo = (serviceInfo: string, message?: string): string => {
  const before = message === undefined ? "" : `"message":${JSON.stringify(message)},`;
  return `{"resultCode":200,"errorCode":0,${before}"serviceInfo":${serviceInfo},"success":true}`;
};

export const failed = (errorCode: number, message: string, fields: Fields = {}): string =>
  JSON.stringify({ resultCode: 500, errorCode, message, ...fields, success: false });

/** What a refusal of the tables or their checks says. @throws `cause` when it is none. */
export function refused(cause: unknown): string {
  if (cause instanceof RequestError) return failed(cause.status, cause.message);
  throw cause;
}

/** A payload from here as it is sent. */
const framed = (type: string, json: string, clientIp = ""): Buffer =>
  frame(encodePayload(payload(type, json, { clientIp })));

/** Numbers the messages that clients acknowledge, for all connections. */
export class PushMessages {
  readonly #host: string;
  #last = 0;

  /** @param host this server's address, which each message carries. */
  constructor(host: string) {
    this.#host = host;
  }

  /** @param fields JSON of the fields, without braces; empty for none. */
  push(type: string, module: "naming" | "config" | "internal", fields = ""): Push {
    this.#last += 1;
    const requestId = String(this.#last);
    const own = fields === "" ? "" : `${fields},`;
    const json = `{"headers":{},"requestId":"${requestId}",${own}"module":"${module}"}`;
    return { requestId, framed: framed(type, json, this.#host) };
  }

  /** The answer to a client's setup, which is not acknowledged: what this server can do beyond the basics. */
  setupAck(): Buffer {
    const abilityTable = {
      supportPersistentInstanceByGrpc: true,
      fuzzyWatch: false,
      lock: false,
      mcp: false,
    };
    const json = JSON.stringify({ headers: {}, abilityTable, module: "internal" });
    return framed("SetupAckRequest", json, this.#host);
  }
}
