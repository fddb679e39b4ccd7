// Users at work through Nginx, and what came of their requests.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../support/poll.ts";
import { type Client, clientOf, type Reply } from "./client.ts";
import type { Instance, Stack } from "./stack.ts";

const USERS = 8;
/** A user's pause between two requests. */
const PAUSE_MS = 20;
/** A user whom Nginx limits waits, as its reply says. */
const LIMITED_MS = 1_000;

/**
 * Milliseconds after which a refusal of a service says that this machine is busy: its deadline is near. What Nginx says of an instance
 * it has lost comes sooner, or counts at any time.
 */
const BUSY_MS = 4_000;
/** Codes of Nginx's own replies (servers/nginx/problems.conf) and of an instance that leaves. */
const OF_NGINX = ["reply_lost", "reply_late", "service_unavailable", "instance_leaving"];

/** One of the users. */
export interface Worker {
  readonly user: string;
  readonly client: Client;
  /** Requests that create and were refused because the machine is busy: they may have had an effect. */
  readonly unknown: () => number;
  /** Sends a request after a pause; undefined when it was not answered 2xx. */
  send(method: string, path: string, options?: Parameters<Client["send"]>[2]): Promise<Reply | undefined>;
}

export interface Crew {
  readonly workers: readonly Worker[];
  /** From now on each does `work`, again and again. */
  begin(work: (worker: Worker) => Promise<void>): void;
  /** Requests so far. */
  sent(): number;
  /** Requests that were not answered 2xx: one line each; without those of {@link busy}. */
  readonly failed: readonly string[];
  /** Number of requests that a service refused after a long time, because the machine is busy. */
  busy(): number;
  /** Lets each end what it does, and no more. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Users, each with an address of its own in 127.0.`network`.0/24. */
export async function crewAt(stack: Stack, network: number): Promise<Crew> {
  const failed: string[] = [];
  let sent = 0;
  let busy = 0;
  let over = false;
  const workers = await Promise.all(
    Array.from({ length: USERS }, async (_, n): Promise<Worker> => {
      const user = randomUUID();
      const client = await clientOf(stack.facts, { user, address: `127.0.${network}.${n + 1}` });
      let unknown = 0;
      return {
        user,
        client,
        unknown: () => unknown,
        async send(method, path, options) {
          await sleep(PAUSE_MS);
          sent += 1;
          const result = await answered(() => client.send(method, path, options));
          if (typeof result !== "string" && isSuccess(result.reply)) return result.reply;
          if (typeof result !== "string" && isOfBusyMachine(result)) {
            busy += 1;
            if (method === "POST") unknown += 1;
            return undefined;
          }
          const what =
            typeof result === "string"
              ? result
              : `${result.reply.status} ${JSON.stringify(result.reply.body)}`;
          failed.push(`${method} ${path}: ${what}`);
          return undefined;
        },
      };
    }),
  );
  let working: Promise<unknown> = Promise.resolve();
  return {
    workers,
    begin(work) {
      working = Promise.all(
        workers.map(async (worker) => {
          while (!over) await work(worker);
        }),
      );
      working.catch(() => {});
    },
    sent: () => sent,
    failed,
    busy: () => busy,
    async end() {
      over = true;
      await working;
    },
    close: async () => void (await Promise.all(workers.map(({ client }) => client.close()))),
  };
}

interface Answered {
  readonly reply: Reply;
  /** Milliseconds. */
  readonly took: number;
}

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300;

const isOfBusyMachine = ({ reply: { status, body }, took }: Answered): boolean =>
  took >= BUSY_MS && [409, 503].includes(status) && !OF_NGINX.includes(String(body["code"]));

/** The reply, or why there is none. Who is limited waits. */
async function answered(request: () => Promise<Reply>): Promise<Answered | string> {
  try {
    for (;;) {
      const began = performance.now();
      const reply = await request();
      if (reply.status !== 429) return { reply, took: performance.now() - began };
      await sleep(LIMITED_MS);
    }
  } catch (error) {
    return `${String(error)} ${String(error instanceof Error ? error.cause : "")}`;
  }
}

/**
 * Waits until the instance that came back is asked by Nginx, and known to all others: only then may its sibling go, as in a rolling
 * deployment.
 */
export async function inUse(
  { nginx, instances, facts }: Stack,
  { address, service }: Instance,
): Promise<void> {
  const from = nginx.lines().length;
  await until(`Nginx asks ${address} again`, () =>
    nginx
      .lines()
      .slice(from)
      .some(({ instance, status }) => String(instance).endsWith(address) && status === 200),
  );
  const expected = instances.filter((one) => one.service === service).length;
  const line = new RegExp(
    `^cfmp_peer_instances\\{service="${service}",state="available"\\} ${expected}$`,
    "m",
  );
  for (const place of Object.values(facts.metrics).flat()) {
    await until(`the instance at ${place} knows ${address}`, async () => {
      const metrics = await fetch(`http://${place}/metrics`);
      return line.test(await metrics.text());
    });
  }
}
