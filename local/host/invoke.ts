// How the host invokes a function: an event of API Gateway, and Lambda's context.

import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Problem } from "../../lib/http/problem.ts";
import { type EventSource, type Target, toEvent } from "./event.ts";
import { type HostReply, toReply } from "./result.ts";
import type { RouteMatch } from "./routes.ts";

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

/** Waits for the reply to one request. */
export interface Client {
  /** Calls `listener` if the client closes the connection before it has the reply. */
  onHangUp(listener: () => void): void;
  /** Once, and not after {@link refuse}. @throws Node's error for a header that can't be sent; nothing is sent then. */
  send(reply: HostReply): void;
  /** Once, and not after {@link send}. */
  refuse(problem: Problem): void;
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
  readonly #client: Client;

  constructor({ name, timeoutMs, memoryMb }: HostedFunction, client: Client) {
    this.functionName = name;
    this.invokedFunctionArn = `arn:aws:lambda:local:000000000000:function:${name}`;
    this.memoryLimitInMB = String(memoryMb);
    this.logGroupName = `/aws/lambda/${name}`;
    this.#until = performance.now() + timeoutMs;
    this.#client = client;
  }

  /** Milliseconds left of the function's time; never negative. */
  getRemainingTimeInMillis(): number {
    return Math.max(0, Math.floor(this.#until - performance.now()));
  }

  /** Calls `listener` if the client closes the connection before it has the reply. */
  onHangUp(listener: () => void): void {
    this.#client.onHangUp(listener);
  }
}

/** Calls `listener` if the client of `response` closes the connection before it has the reply. */
export function onHangUp(response: ServerResponse, listener: () => void): void {
  response.once("close", () => {
    if (!response.writableFinished) listener();
  });
}

/**
 * Invokes the function of `match`, and sends `client` its reply. One that throws, or whose result can't be sent, is answered by a
 * 500 without the reason, which goes to the function's `report`. Never rejects.
 */
export async function answer(
  match: RouteMatch<HostedFunction>,
  target: Target,
  source: EventSource,
  body: Buffer,
  client: Client,
): Promise<void> {
  const hosted = match.target;
  try {
    const context = new InvocationContext(hosted, client);
    const event = toEvent(source, target, match, body, context.awsRequestId);
    client.send(toReply(await hosted.invoke(event, context)));
  } catch (error) {
    hosted.report(error);
    client.refuse(failure());
  }
}

/** For a function that failed, as far as its client may know. */
export const failure = (): Problem =>
  new Problem(500, "internal", "The request failed; it may have had an effect.");
