// The envelope of Nacos' v3 replies: `{code, message, data}`, also around a refusal.

import type { ApiReply, Handler, Routes } from "./http-edge.ts";
import { RequestError } from "./request-error.ts";

/** Nacos' codes and their messages. Source: its `ErrorCode`, and the replies of 3.1.0. */
const REFUSALS: Readonly<Record<string, readonly [code: number, message: string]>> = {
  parameter_missing: [10_000, "parameter missing"],
  bad_parameter: [10_001, "parameter validate error"],
  not_found: [20_004, "resource not found"],
  weight_illegal: [21_001, "weight error"],
  instance_illegal: [21_004, "instance error"],
};
const OTHER = [30_000, "server error"] as const;

export const success = (data: unknown): ApiReply => envelope(0, "success", data);

/** A refusal with status 200, which only the code shows. */
export const refusal = (code: number, message: string): ApiReply => envelope(code, message, null);

const envelope = (code: number, message: string, data: unknown): ApiReply => ({
  type: "application/json",
  body: JSON.stringify({ code, message, data }),
});

/** `routes` with their refusals in an envelope. */
export function enveloped(routes: Routes): Routes {
  return Object.fromEntries(Object.entries(routes).map(([route, handler]) => [route, inEnvelope(handler)]));
}

function inEnvelope(handler: Handler): Handler {
  return async (request) => {
    try {
      return await handler(request);
    } catch (cause) {
      if (!(cause instanceof RequestError)) throw cause;
      const [code, message] = REFUSALS[cause.code] ?? OTHER;
      return { ...envelope(code, message, cause.message), status: cause.status };
    }
  };
}
