// Reads secrets from SSM Parameter Store and from Secrets Manager.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type AwsRequest, awsRequest } from "../core/aws-request.ts";
import { reasonOf } from "../core/failure-text.ts";
import { pauseAfter, type Retry } from "../core/retry.ts";
import { parseJson } from "../core/tried.ts";
import { parseReference } from "./references.ts";

/** A secret could not be read. Its message has the reference and the reason, never a value. */
export class SecretUnreadable extends Error {
  readonly code = "secret_unreadable";

  /** True when the store has nothing of this name. */
  readonly missing: boolean;

  constructor(reference: string, reason: string, cause?: unknown, missing = false) {
    super(`${reference} can't be read: ${reason}`, { cause });
    this.name = "SecretUnreadable";
    this.missing = missing;
  }
}

type Send = (request: AwsRequest) => Promise<{ status: number; body: string }>;

const TIMEOUT_MS = 1_500;
const AGAIN: Retry = { first: 100, longest: 400, jitter: 0.5, maxTries: 3 };

/** What both stores answer when they refuse. */
const refusal = z.object({ __type: z.string() });
const parameter = z.object({ Parameter: z.object({ Value: z.string() }) });
const secret = z.object({ SecretString: z.string() });

/**
 * The values of `references`, by their texts. Each request is tried three times, for a second and a half each, where the store does
 * not answer or can't serve now. @throws {SecretUnreadable} for the first that can't be had.
 */
export async function readSecrets(
  references: readonly string[],
  send: Send = awsRequest,
): Promise<ReadonlyMap<string, string>> {
  const parameters = new Map<string, string>();
  const secrets = new Map<string, { text: string; member: string | undefined }[]>();
  for (const text of new Set(references)) {
    const reference = parseReference(text);
    if (reference === undefined) throw new SecretUnreadable(text, "this is no reference");
    if (reference.store === "ssm") parameters.set(reference.name, text);
    else
      secrets.set(reference.id, [...(secrets.get(reference.id) ?? []), { text, member: reference.member }]);
  }
  const read = await Promise.all([
    ...[...parameters].map(([name, text]) => readParameter(name, text, send)),
    ...[...secrets].map(([id, wanted]) => readSecret(id, wanted, send)),
  ]);
  return new Map(read.flat());
}

/**
 * The text of the parameter `name`; undefined when there is none of this name. Tried as {@link readSecrets} tries.
 * @throws {SecretUnreadable} when it can't be read.
 */
export async function readParameterText(name: string, send: Send = awsRequest): Promise<string | undefined> {
  try {
    const [[, value] = []] = await readParameter(name, `ssm:${name}`, send);
    return value;
  } catch (error) {
    if (error instanceof SecretUnreadable && error.missing) return undefined;
    throw error;
  }
}

type Values = readonly (readonly [reference: string, value: string])[];

async function readParameter(name: string, reference: string, send: Send): Promise<Values> {
  const request = { Name: name, WithDecryption: true };
  const { data } = parameter.safeParse(
    await operation(reference, "ssm", "AmazonSSM.GetParameter", send, request),
  );
  if (data === undefined) throw new SecretUnreadable(reference, "the parameter has no text");
  return [[reference, data.Parameter.Value]];
}

async function readSecret(
  id: string,
  wanted: readonly { readonly text: string; readonly member: string | undefined }[],
  send: Send,
): Promise<Values> {
  const [first] = wanted;
  const body = await operation(first?.text ?? id, "secretsmanager", "secretsmanager.GetSecretValue", send, {
    SecretId: id,
  });
  const { data } = secret.safeParse(body);
  return wanted.map(({ text, member }) => {
    if (data === undefined) throw new SecretUnreadable(text, "the secret is not a text");
    return [
      text,
      member === undefined ? data.SecretString : memberOf(data.SecretString, member, text),
    ] as const;
  });
}

function memberOf(text: string, member: string, reference: string): string {
  const { data } = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  const value = data !== undefined && Object.hasOwn(data, member) ? data[member] : undefined;
  if (typeof value !== "string")
    throw new SecretUnreadable(reference, "the secret is no JSON object with such a text");
  return value;
}

/** The reply to one operation of a store's JSON protocol, for `reference`. */
async function operation(
  reference: string,
  service: "ssm" | "secretsmanager",
  target: string,
  send: Send,
  body: object,
): Promise<unknown> {
  const request: AwsRequest = {
    service,
    path: "/",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    body: JSON.stringify(body),
    timeoutMs: TIMEOUT_MS,
  };
  for (let tries = 1; ; tries += 1) {
    const reply = await send(request).catch((cause: unknown) => ({ status: 0, body: "", cause }));
    if (reply.status === 200) return parseJson(reply.body);
    const failure = failureOf(reference, service, reply);
    if (!failure.passes || tries >= (AGAIN.maxTries ?? 1)) throw failure.error;
    await sleep(pauseAfter(tries, AGAIN), undefined, { ref: false });
  }
}

/** Refusals that end by themselves; both stores answer them with status 400. */
const PASSING = /Throttl|TooManyRequests|InternalS|ServiceUnavailable/;

function failureOf(
  reference: string,
  service: string,
  { status, body, cause }: { readonly status: number; readonly body: string; readonly cause?: unknown },
): { readonly error: SecretUnreadable; readonly passes: boolean } {
  if (status === 0) {
    const reason = `${service} does not answer (${reasonOf(cause)})`;
    return { error: new SecretUnreadable(reference, reason, cause), passes: true };
  }
  const name = refusal.safeParse(parseJson(body)).data?.__type.replace(/^.*#/, "") ?? "";
  return {
    error: new SecretUnreadable(
      reference,
      `${service} answered ${status} ${name}`.trimEnd(),
      undefined,
      name === "ParameterNotFound",
    ),
    passes: status >= 500 || status === 429 || PASSING.test(name),
  };
}
