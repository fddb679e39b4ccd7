// The envelope of Nacos' v3 replies: `{code, message, data}`, also around a refusal.

import type { ApiReply } from "./api-reply.ts";
import type { RequestError } from "./request-error.ts";

/** Nacos' codes and their messages. Source: its `ErrorCode`, and the replies of 3.1.0. */
const REFUSALS: Readonly<Record<string, readonly [code: number, message: string]>> = {
  parameter_missing: [10_000, "parameter missing"],
  access_denied: [10_001, "access denied"],
  bad_parameter: [20_002, "parameter validate error"],
  not_a_form: [20_003, "MediaType Error"],
  not_found: [20_004, "resource not found"],
  config_cas_failed: [20_005, "resource conflict"],
  weight_illegal: [21_001, "weight error"],
  instance_illegal: [21_004, "instance error"],
  service_unknown: [21_008, "service not exist"],
  no_such_route: [40_001, "API function disabled."],
};
const OTHER = [30_000, "server error"] as const;

export const success = (data: unknown): ApiReply => envelope(0, "success", data);

/** A refusal with status 200, which only the code shows. */
export const refusal = (code: number, message: string): ApiReply => envelope(code, message, null);

/** An error with its own status. */
export function v3Refusal({ code, status, message: data }: RequestError): ApiReply {
  const [number, message] = REFUSALS[code] ?? OTHER;
  return { ...envelope(number, message, data), status };
}

const envelope = (code: number, message: string, data: unknown): ApiReply => ({
  type: "application/json",
  body: JSON.stringify({ code, message, data }),
});
