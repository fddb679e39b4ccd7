// The queue of runs that failed on AWS: what relay functions could not do, kept by Lambda.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { awsRequest } from "../../lib/core/aws-request.ts";
import { parseJson } from "../../lib/core/tried.ts";

/** What Lambda puts into the queue (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). */
const record = z.object({
  timestamp: z.string().optional(),
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  requestPayload: z.unknown(),
  responsePayload: z.object({ errorMessage: z.string() }).partial().optional(),
});

/** One message of the queue. */
export interface FailedRun {
  /** What removes it; valid for {@link HIDDEN_S} seconds after it was received. */
  readonly handle: string;
  /** Name of the function; undefined for a message that Lambda did not write. */
  readonly function: string | undefined;
  /** The event, as JSON. */
  readonly payload: string;
  /** When it failed for the last time, in ISO 8601; empty where the message does not say it. */
  readonly at: string;
  readonly error: string;
}

export class FailureQueueError extends Error {
  readonly code = "failure_queue";
}

/** Seconds for which other readers do not see a message that was received. */
const HIDDEN_S = 60;
const BATCH = 10;
const TIMEOUT_MS = 10_000;
const TRIES = 3;

export class FailureQueue {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** @throws {FailureQueueError} when there is no queue of this name, or it does not answer. */
  static async open(name: string): Promise<FailureQueue> {
    const { QueueUrl } = await sqs("GetQueueUrl", { QueueName: name }, z.object({ QueueUrl: z.string() }));
    return new FailureQueue(QueueUrl);
  }

  /** Messages that no other reader has, the next ten at most; none when the queue seems empty. They are hidden for a minute. */
  async receive(): Promise<readonly FailedRun[]> {
    const reply = z.object({
      Messages: z.array(z.object({ ReceiptHandle: z.string(), Body: z.string() })).optional(),
    });
    const request = {
      QueueUrl: this.#url,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: HIDDEN_S,
      WaitTimeSeconds: 1,
    };
    const { Messages = [] } = await sqs("ReceiveMessage", request, reply);
    return Messages.map(({ ReceiptHandle, Body }) => parseFailedRun(ReceiptHandle, Body));
  }

  /** Removes a message that was received. */
  async remove({ handle }: FailedRun): Promise<void> {
    await sqs("DeleteMessage", { QueueUrl: this.#url, ReceiptHandle: handle }, z.unknown());
  }

  /** Lets others see a message that was received. */
  async putBack({ handle }: FailedRun): Promise<void> {
    const request = { QueueUrl: this.#url, ReceiptHandle: handle, VisibilityTimeout: 0 };
    await sqs("ChangeMessageVisibility", request, z.unknown());
  }
}

/** Reads a message's text. */
export function parseFailedRun(handle: string, text: string): FailedRun {
  const { data } = record.safeParse(parseJson(text));
  if (data === undefined)
    return { handle, function: undefined, payload: text, at: "", error: "not a record of Lambda" };
  const { functionArn, condition } = data.requestContext;
  return {
    handle,
    // arn:aws:lambda:<region>:<account>:function:<name>:<qualifier>
    function: functionArn.split(":")[6],
    payload: JSON.stringify(data.requestPayload),
    at: data.timestamp ?? "",
    error: data.responsePayload?.errorMessage ?? condition,
  };
}

/** One operation of SQS by its JSON protocol; tried again when SQS can't serve now. */
async function sqs<T>(operation: string, body: object, shape: z.ZodType<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const reply = await awsRequest({
      service: "sqs",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${operation}` },
      body: JSON.stringify(body),
      timeoutMs: TIMEOUT_MS,
    }).catch((cause: unknown) => {
      throw new FailureQueueError(`SQS does not answer ${operation}`, { cause });
    });
    if (reply.status === 200) return shape.parse(parseJson(reply.body || "{}"));
    const retry = reply.status >= 500 && tries < TRIES;
    if (!retry)
      throw new FailureQueueError(
        `SQS answered ${operation} with ${reply.status}: ${reply.body.slice(0, 300)}`,
      );
    await sleep(200 * tries);
  }
}
