// Answers one gRPC request: finds its handler by its type, checks who asks, and never fails to answer.

import { ERROR } from "../../../lib/nacos/grpc/error-codes.ts";
import { type Payload, payload } from "../../../lib/nacos/grpc/payload.ts";
import { GRPC_STATUS, GrpcError } from "../../../lib/nacos/grpc/status.ts";
import type { Log } from "../../../lib/observability/log.ts";
import type { CheckAccess } from "../account.ts";
import { type Json, parsedBody } from "../json-params.ts";
import type { GrpcConnection } from "./connection.ts";
import { failed, refused, succeeded } from "./messages.ts";

export interface RequestHandler {
  /** Type of the response. */
  readonly response: string;
  /** The response's JSON. @throws {RequestError} for what is refused. */
  readonly handle: (request: Json, connection: GrpcConnection) => string | Promise<string>;
}

/** By type of the request. */
export type Handlers = Readonly<Record<string, RequestHandler>>;

const HEALTH_CHECK: Handlers = {
  HealthCheckRequest: { response: "HealthCheckResponse", handle: () => succeeded() },
};

export interface Sender {
  readonly id: string;
  /** Undefined until its setup has arrived. */
  readonly connection: GrpcConnection | undefined;
}

export class Requests {
  readonly #handlers: ReadonlyMap<string, RequestHandler>;
  readonly #check: CheckAccess;
  readonly #log: Log;

  constructor(handlers: Handlers, check: CheckAccess, log: Log) {
    this.#handlers = new Map(Object.entries({ ...HEALTH_CHECK, ...handlers }));
    this.#check = check;
    this.#log = log;
  }

  /**
   * The response; it says so when the request is refused or could not be read.
   * @throws {GrpcError} for a check of health without a connection. Nacos answers with code 301, which the Python client takes for
   * "healthy": after a short outage of the server it would never set up its connection again.
   */
  async answer(request: Payload, { id, connection }: Sender): Promise<Payload> {
    const { type, headers, body } = request;
    if (type === "ServerCheckRequest") {
      const fields = { connectionId: id, supportAbilityNegotiation: true };
      return payload("ServerCheckResponse", succeeded(fields));
    }
    const handler = this.#handlers.get(type);
    if (handler === undefined) return error(ERROR.NO_HANDLER, "RequestHandler Not Found");
    if (connection === undefined && type === "HealthCheckRequest")
      throw new GrpcError(GRPC_STATUS.UNAVAILABLE, "Connection is unregistered.");
    if (connection === undefined) return error(ERROR.NOT_REGISTERED, "Connection is unregistered.");
    const fields = parsedBody(body);
    if (fields === undefined) return error(ERROR.UNREADABLE, "Invalid request");
    try {
      if (handler.response !== "HealthCheckResponse") this.#check(credentials(headers));
      return payload(handler.response, await handler.handle(fields, connection));
    } catch (cause) {
      return payload(handler.response, this.#refusal(cause));
    }
  }

  #refusal(cause: unknown): string {
    try {
      return refused(cause);
    } catch {
      this.#log.error({ err: cause }, "registry request by gRPC failed");
      return failed(ERROR.SERVER, "The registry failed to answer.");
    }
  }
}

const error = (code: number, message: string): Payload => payload("ErrorResponse", failed(code, message));

const credentials = (headers: ReadonlyMap<string, string>) => ({
  token: headers.get("accessToken"),
  username: headers.get("username"),
  password: headers.get("password"),
});
