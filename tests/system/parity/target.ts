// What a journey needs of the system it goes through, whatever that runs on: addresses, tokens, the sandbox provider's key, and the mails
// that arrive.

import { randomUUID } from "node:crypto";
import { until } from "../../support/poll.ts";
import { type Place, type Send, type Shop, send, shop } from "../../support/shop.ts";
import type { Person, SystemUnderTest } from "../../support/system-under-test.ts";

export interface Target extends Pick<Place, "urls">, Pick<SystemUnderTest, "sandboxSecret" | "credentials"> {
  /** Below which each service has its pages `health/`, `docs/` and `openapi.json`; without a trailing slash. */
  readonly pages: Readonly<Record<keyof Place["urls"], string>>;
  /** The texts of the mails that an address has got so far. */
  mailsTo(address: string): Promise<readonly string[]>;
}

/** What a busy machine says when it has no time for a request, and a gateway of one that has none for its reply. */
const BUSY = new Set([503, 504]);

/**
 * One request, as a client sends it that does as it is told: while the system is too busy to answer, it asks again, with the same
 * `Idempotency-Key`.
 */
export const ask: Send = async (method, url, body, headers = {}) => {
  const key = method === "POST" ? { "idempotency-key": randomUUID() } : {};
  const outcome = await until(`${method} ${url} is answered`, async () => {
    const asked = await send(method, url, body, { ...key, ...headers }).then(
      (reply) => ({ reply }),
      (error: unknown) => ({ error }),
    );
    return ("error" in asked || !BUSY.has(asked.reply.status)) && asked;
  });
  if ("error" in outcome) throw outcome.error;
  return outcome.reply;
};

/** A user of `target` whom nobody has seen before, with a token. */
export async function visitor(target: Target, claims: Omit<Person, "sub"> = {}): Promise<Shop> {
  const user = randomUUID();
  return shop({ urls: target.urls, send: ask }, user, await target.credentials({ sub: user, ...claims }));
}

/** The sandbox provider, which sends a callback until it is taken or refused. */
export const provider = ({ urls }: Target): Place => ({ urls, send: ask });

/** As many requests at once as a client sends that has lost its patience. */
const AT_ONCE = 20;

export const atOnce = <T>(request: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, request));

/** One way through the system, from the first request to what everybody sees of it; it throws where that is not as it must be. */
type Journey = (target: Target) => Promise<void>;

/** Journeys by what happens in them: sentences, which are the rows of docs/parity.md. */
export type Journeys = Readonly<Record<string, Journey>>;
