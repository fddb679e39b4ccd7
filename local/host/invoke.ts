// How the host invokes a function: an event of API Gateway, and Lambda's context.

import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

/** An invocation of one function. */
export type Invoke = (event: unknown, context: object) => Promise<unknown>;

/** A function as its context describes it. */
export interface HostedFunction {
  /** Full name, `cfmp-order-dev-orders-createOrder`. */
  readonly name: string;
  /** Milliseconds that it may take. They are reported to it, not enforced: handlers have deadlines of their own. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly invoke: Invoke;
  /** Called with what `invoke` threw, or with what is wrong with its result. */
  report(error: unknown): void;
}

/** Lambda's context of one invocation, and `onHangUp` (lib/http/request-scope.ts), which AWS does not have. */
export class InvocationContext {
  readonly awsRequestId = randomUUID();
  readonly callbackWaitsForEmptyEventLoop = true;
  readonly functionName: string;
  readonly functionVersion = "$LATEST";
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName = "local";
  readonly #until: number;
  readonly #response: ServerResponse;

  constructor({ name, timeoutMs, memoryMb }: HostedFunction, response: ServerResponse) {
    this.functionName = name;
    this.invokedFunctionArn = `arn:aws:lambda:local:000000000000:function:${name}`;
    this.memoryLimitInMB = String(memoryMb);
    this.logGroupName = `/aws/lambda/${name}`;
    this.#until = performance.now() + timeoutMs;
    this.#response = response;
  }

  /** Milliseconds left of the function's time; never negative. */
  getRemainingTimeInMillis(): number {
    return Math.max(0, Math.floor(this.#until - performance.now()));
  }

  /** Calls `listener` if the client closes the connection before it has the reply. */
  onHangUp(listener: () => void): void {
    onHangUp(this.#response, listener);
  }
}

/** Calls `listener` if the client of `response` closes the connection before it has the reply. */
export function onHangUp(response: ServerResponse, listener: () => void): void {
  response.once("close", () => {
    if (!response.writableFinished) listener();
  });
}
