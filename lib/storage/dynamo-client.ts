// DynamoDB's JSON protocol over a pooled connection. See docs/decisions/003-storage.md for why not the SDK.

import aws4 from "aws4";
import { Pool } from "undici";
import type { Config } from "../config/env.ts";
import { authority } from "../core/host.ts";
import { pauseAfter, type Retry } from "../core/retry.ts";
import { waitAtMost } from "../core/wait-at-most.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";
import { post } from "./post.ts";

/** An attribute as DynamoDB writes it on the wire. */
export type Attribute = { readonly S: string } | { readonly N: string };
export type Attributes = Readonly<Record<string, Attribute | undefined>>;

export interface Endpoint {
  /** `http://127.0.0.1:4567` */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** False for the embedded database, which checks no signatures: making them is half of what a call costs here. */
  readonly signed?: boolean;
}

/** The reply of one operation. `ambiguous`: an earlier try of the same call may have had its effect. */
export interface DynamoReply {
  readonly body: Readonly<Record<string, unknown>>;
  readonly conditionFailed: boolean;
  readonly ambiguous: boolean;
}

export interface DynamoClient {
  /**
   * Why nothing is written at the moment, for people, as the embedded database said with its last reply; undefined when
   * it works, and always on AWS.
   */
  readonly writeFailure?: string | undefined;
  /**
   * Sends one operation, such as `PutItem`, trying again after throttling and broken connections. Once `signal` is aborted,
   * it rejects with its reason, and is not tried again; for reads, as a write may have had its effect.
   * @throws {StorageUnavailable} when no try was answered, {@link StorageFault} when the request itself was refused.
   */
  send(operation: string, input: object, signal?: AbortSignal): Promise<DynamoReply>;
  close(): Promise<void>;
}

const TRIES = 4;
const BACKOFF: Retry = { first: 100, longest: 1_600, growth: 4, jitter: 1 };
const TRY_TIMEOUT_MS = 2_500;
const RETRYABLE = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
]);

/** Where the settings say the database is: `DB_HOST`, an emulator's `AWS_ENDPOINT_URL`, or AWS itself. */
export function endpointOf(config: Config, env: NodeJS.ProcessEnv = process.env): Endpoint {
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const emulator = env["AWS_ENDPOINT_URL_DYNAMODB"] ?? env["AWS_ENDPOINT_URL"];
  const url =
    config.DB_HOST !== undefined
      ? `http://${authority(config.DB_HOST, config.DB_PORT)}`
      : (emulator ?? `https://dynamodb.${region}.amazonaws.com`);
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return {
    url,
    region,
    accessKeyId: config.DB_USER ?? env["AWS_ACCESS_KEY_ID"] ?? "local",
    secretAccessKey: config.DB_PASSWORD ?? env["AWS_SECRET_ACCESS_KEY"] ?? "local",
    ...(config.DB_USER === undefined && sessionToken !== undefined ? { sessionToken } : {}),
    ...(config.DB_ENGINE === "embedded" ? { signed: false } : {}),
  };
}

/** A client with at most 64 connections to `endpoint`. */
export function createDynamoClient(endpoint: Endpoint): DynamoClient {
  const { origin, host } = new URL(endpoint.url);
  const pool = new Pool(origin, {
    connections: 64,
    headersTimeout: TRY_TIMEOUT_MS,
    bodyTimeout: TRY_TIMEOUT_MS,
  });

  let writeFailure: string | undefined;

  async function once(
    operation: string,
    body: string,
    signal: AbortSignal | undefined,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = endpoint.signed === false ? unsigned(operation) : sign(endpoint, host, operation, body);
    const { status, text, ...reply } = await post(pool, headers, body, signal);
    writeFailure = reply.writeFailure;
    return { status, body: text === "" ? {} : JSON.parse(text) };
  }

  return {
    get writeFailure() {
      return writeFailure;
    },
    async send(operation, input, signal) {
      const body = JSON.stringify(input);
      let ambiguous = false;
      let last: unknown;
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        signal?.throwIfAborted();
        if (attempt > 0) await pause(attempt, signal);
        try {
          const reply = await once(operation, body, signal);
          if (reply.status === 200) return { body: reply.body, conditionFailed: false, ambiguous };
          const reason = String(reply.body["__type"] ?? reply.status).replace(/^.*#/, "");
          if (reason === "ConditionalCheckFailedException")
            return { body: reply.body, conditionFailed: true, ambiguous };
          const message = String(reply.body["message"] ?? reply.body["Message"] ?? "");
          last = new StorageFault(operation, reason, message);
          if (reply.status < 500 && !RETRYABLE.has(reason)) throw last;
        } catch (error) {
          if (error instanceof StorageFault) throw error;
          signal?.throwIfAborted();
          last = error;
        }
        ambiguous = true;
      }
      throw new StorageUnavailable(operation, last);
    },
    close: () => pool.close(),
  };
}

const headersOf = (operation: string) => ({
  "content-type": "application/x-amz-json-1.0",
  "x-amz-target": `DynamoDB_20120810.${operation}`,
});

/** What the embedded database wants to see in place of a signature. */
const unsigned = (operation: string): Record<string, string> => ({
  ...headersOf(operation),
  authorization: "AWS4-HMAC-SHA256 Credential=embedded",
});

function sign(endpoint: Endpoint, host: string, operation: string, body: string): Record<string, string> {
  const request = { host, path: "/", method: "POST", service: "dynamodb", region: endpoint.region, body };
  const signed = aws4.sign({ ...request, headers: headersOf(operation) }, endpoint);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(signed.headers ?? {})) headers[name] = String(value);
  return headers;
}

async function pause(failures: number, signal: AbortSignal | undefined): Promise<void> {
  await waitAtMost(pauseAfter(failures, BACKOFF), new Promise(() => {}), signal);
  signal?.throwIfAborted();
}
