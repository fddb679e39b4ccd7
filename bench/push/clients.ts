// All live connections, and what their users are notified of.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { waitedForCpu } from "../../tests/support/processes.ts";
import { quantile } from "../../tests/support/quantiles.ts";
import { requester } from "../load/http.ts";
import { LiveConnection } from "./live-connection.ts";
import type { ClientsJob, Notified, Notify, Times } from "./messages.ts";

/** Connections that are being opened at once. */
const OPENING = 16;
/** Requests that may be under way at once. */
const UNDER_WAY = 64;
/** A frame that has not come so long after the last request is missing, in milliseconds. */
const ARRIVES_WITHIN_MS = 10_000;
const LOOK_MS = 25;

/** A request that makes a notification; times in milliseconds of this process's clock. */
interface Sent {
  readonly about: string;
  readonly sentAt: number;
  readonly repliedAt: number;
  /** How long each process had waited for a core when it was sent. */
  readonly waited: readonly number[];
}

interface Arrival {
  readonly at: number;
  readonly waited: readonly number[];
}

export class Clients {
  readonly #job: ClientsJob;
  readonly #post: (to: Notify["what"], user: string) => Promise<string>;
  #connections: LiveConnection[] = [];
  #users: readonly string[] = [];
  /** By what the frame was about. */
  readonly #arrivals = new Map<string, Arrival[]>();

  constructor(job: ClientsJob) {
    this.#job = job;
    this.#post = poster(job.urls);
  }

  /** Opens connections for new users in place of those there were; resolves when all are ready. */
  async connect(connections: number, users: number): Promise<void> {
    for (const connection of this.#connections) connection.close();
    this.#users = Array.from({ length: users }, () => `bench-${randomUUID()}`);
    const opened: LiveConnection[] = [];
    let next = 0;
    const lane = async () => {
      while (next < connections) {
        const user = this.#users[next++ % users] ?? "";
        opened.push(await LiveConnection.open(this.#job.liveUrl, user, (about, at) => this.#note(about, at)));
      }
    };
    await Promise.all(Array.from({ length: OPENING }, lane));
    this.#connections = opened;
  }

  /** Notifies at a steady pace, whether or not earlier requests were answered; resolves when all frames have come, or are missing. */
  async notify({ what, to, count, perSecond }: Notify): Promise<Notified> {
    this.#arrivals.clear();
    const strangers = Array.from({ length: this.#users.length }, () => `stranger-${randomUUID()}`);
    const users = to === "connected" ? this.#users : strangers;
    const begun = performance.now();
    const requests: Promise<Sent>[] = [];
    for (let index = 0; index < count; index += 1) {
      const dueIn = begun + (index * 1_000) / perSecond - performance.now();
      if (dueIn > 0) await sleep(dueIn);
      requests.push(this.#send(what, users[index % users.length] ?? ""));
    }
    const sent = await Promise.all(requests);
    const each = to === "connected" ? this.#connections.length / users.length : 0;
    await this.#arrived(count * each);
    if (this.#connections.some(({ isOpen }) => !isOpen)) throw new Error("A connection was lost");
    return this.#notified(sent, count * each);
  }

  async #send(what: Notify["what"], user: string): Promise<Sent> {
    const waited = this.#waited();
    const sentAt = performance.now();
    const about = await this.#post(what, user);
    return { about, sentAt, repliedAt: performance.now(), waited };
  }

  #note(about: string, at: number): void {
    const arrival = { at, waited: this.#waited() };
    const known = this.#arrivals.get(about);
    if (known === undefined) this.#arrivals.set(about, [arrival]);
    else known.push(arrival);
  }

  async #arrived(frames: number): Promise<void> {
    const deadline = performance.now() + ARRIVES_WITHIN_MS;
    while (this.#count() < frames && performance.now() < deadline) await sleep(LOOK_MS);
  }

  #count(): number {
    return [...this.#arrivals.values()].reduce((sum, arrivals) => sum + arrivals.length, 0);
  }

  #notified(sent: readonly Sent[], due: number): Notified {
    const pairs = sent.flatMap((one) =>
      (this.#arrivals.get(one.about) ?? []).map((arrival) => ({ ...one, arrival })),
    );
    const disorder = this.#connections.reduce((sum, connection) => sum + connection.disorder, 0);
    const since = pairs.map(({ sentAt, arrival }) => arrival.at - sentAt);
    const longestWait = ({ waited, arrival }: (typeof pairs)[number]) =>
      Math.max(...arrival.waited.map((now, index) => now - (waited[index] ?? 0)));
    return {
      frames: pairs.length,
      missing: due - pairs.length,
      disorder,
      sinceSent: timesOf(since),
      sinceSentWithCpu: timesOf(
        pairs.map((pair, index) => Math.max(0, (since[index] ?? 0) - longestWait(pair))),
      ),
      sinceReply: timesOf(pairs.map(({ repliedAt, arrival }) => Math.max(0, arrival.at - repliedAt))),
    };
  }

  #waited(): readonly number[] {
    return [...this.#job.watched, process.pid].map(waitedForCpu);
  }
}

/** Sends what notifies `user`; resolves with what their frame will be about. */
function poster({
  orders,
  notifications,
}: ClientsJob["urls"]): (what: Notify["what"], user: string) => Promise<string> {
  const post = { order: requester(orders, UNDER_WAY), notification: requester(notifications, UNDER_WAY) };
  const sent = {
    order: { path: "/api/orders/", body: JSON.stringify({ customer_name: "Bench", total_amount: "100.00" }) },
    notification: {
      path: "/api/notifications/",
      body: JSON.stringify({ title: "Bench", content: "A text." }),
    },
  };
  return async (what, user) => {
    const headers = { "content-type": "application/json", uuid: user };
    const reply: { readonly id: string } = JSON.parse(
      await post[what]({ method: "POST", headers, ...sent[what] }, 201),
    );
    return reply.id;
  };
}

const timesOf = (values: readonly number[]): Times => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  longest: Math.max(0, ...values),
});
