// What a response of Nacos' gRPC API says: the fields that were asked for, or why there are none.

import { RegistryRefused, RegistryUnavailable } from "./errors.ts";
import { ERROR } from "./grpc/error-codes.ts";
import type { GrpcMessage } from "./grpc-session.ts";

export type Fields = GrpcMessage["fields"];

/** The status of HTTP that says the same as `NO_HANDLER`. */
const NOT_IMPLEMENTED = 501;

/**
 * The fields of a successful response, and of one with an error code that is in `expected`.
 * @param server for the error's message.
 * @throws {RegistryUnavailable} an error of the server.
 * @throws {RegistryRefused} the server refused the request.
 */
export function acceptedFields(response: GrpcMessage, server: string, expected: readonly number[]): Fields {
  const { type, fields } = response;
  const code = errorCodeOf(response);
  if (fields["success"] === true || expected.includes(code)) return fields;
  const { message } = fields;
  const detail = typeof message === "string" ? message.slice(0, 200) : type;
  if (code === ERROR.NO_HANDLER) throw new RegistryRefused(server, NOT_IMPLEMENTED, detail);
  if (code >= 400 && code < 500) throw new RegistryRefused(server, code, detail);
  const reason = code === ERROR.NOT_REGISTERED ? "it has given up the connection" : `error ${code} ${detail}`;
  throw new RegistryUnavailable(server, reason);
}

/** Whether it refuses the login's token, or wants one. */
export const isDenied = (response: GrpcMessage): boolean => [401, 403].includes(errorCodeOf(response));

function errorCodeOf({ fields }: GrpcMessage): number {
  const code = fields["errorCode"];
  return typeof code === "number" ? code : Number.NaN;
}
