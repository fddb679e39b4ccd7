// A careful client: it sends each request until it is answered, wherever the system answers.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { reasonOf } from "../../lib/core/failure-text.ts";
import { parseJson } from "../../lib/core/tried.ts";

/** Someone who uses the shop. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | undefined;
  /** Headers that authenticate them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether it was sent before without an answer, and may have had its effect then. */
  readonly repeated: boolean;
}

export interface ClientOptions {
  /** Base URLs, of which any one may answer. */
  readonly origins: () => readonly string[];
  readonly random: () => number;
  /** Called for each request that got no answer or a 5xx, and is sent again: with what it got. */
  readonly onRepeat: (got: string) => void;
  /** Once it is aborted, nothing more is sent. */
  readonly signal: AbortSignal;
}

export type Send = (
  person: Person,
  method: string,
  path: string,
  body?: object,
  /** The idempotency key, for what must happen once. */
  key?: string,
) => Promise<Answer>;

/** The run was over before there was an answer. */
export class Interrupted extends Error {
  readonly code = "interrupted";
  /** Whether the request may have had an effect. */
  readonly sent: boolean;

  constructor(sent: boolean) {
    super("The run was over before there was an answer");
    this.sent = sent;
  }
}

const TIMEOUT_MS = 15_000;
const PAUSE_MS = 100;
const object = z.record(z.string(), z.unknown()).catch({});

/** Creates a client. It resolves with the first answer below 500. @throws {Interrupted} when `signal` is aborted before there is one. */
export function createClient({ origins, random, onRepeat, signal }: ClientOptions): Send {
  return async (person, method, path, body, key) => {
    for (let sent = false; ; sent = method !== "GET") {
      if (signal.aborted) throw new Interrupted(sent);
      const among = origins();
      const origin = among[Math.floor(random() * among.length)];
      const got =
        origin === undefined ? "nothing runs" : await attempt(`${origin}${path}`, person, method, body, key);
      if (typeof got !== "string" && got.status < 500) return { ...got, repeated: sent };
      onRepeat(
        `${method} ${path}: ${typeof got === "string" ? got : `${got.status} ${String(got.body["code"])}`}`,
      );
      await sleep(PAUSE_MS);
    }
  };
}

/** A text that says why, when there is no answer. */
async function attempt(
  url: string,
  { headers }: Person,
  method: string,
  body: object | undefined,
  key: string | undefined,
): Promise<Omit<Answer, "repeated"> | string> {
  try {
    const reply = await fetch(url, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: reply.status, body: object.parse(parseJson(await reply.text())) };
  } catch (error) {
    return reasonOf(error);
  }
}
