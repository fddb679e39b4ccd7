// The heartbeats of all registrations of a process in one message over a connection that stays open, as the embedded registry takes
// them: an HTTP exchange for each costs a process that does little else ten times as much. Everything else goes by HTTP, and heartbeats
// too while this connection is not there.

import type { Duplex } from "node:stream";
import { callAt } from "../../core/call-at.ts";
import { fieldsOf } from "../../core/fields.ts";
import { eachLine } from "../../core/lines.ts";
import { onceATurn } from "../../core/once-a-turn.ts";
import { parseJson } from "../../core/tried.ts";
import { UpgradeRefused, type Upgrading, upgrade } from "../../core/upgrade.ts";

/** Name and version of the protocol, in `Upgrade`: lines of JSON, {@link Beats} and for each of them, in order, a {@link BeatsAnswer}. */
export const BEAT_PROTOCOL = "cfmp-registry-beats/1";

/** An instance as v3's requests name it. */
export type BeatInstance = Readonly<Record<"serviceName" | "groupName" | "namespaceId" | "ip", string>> & {
  readonly port: number;
};

export interface Beats {
  /** Where the registry has an account. */
  readonly accessToken?: string | undefined;
  readonly beats: readonly BeatInstance[];
}

export interface BeatsAnswer {
  /** Whether the instances are known, in the order of the beats; absent when the registry refuses them all. */
  readonly known?: readonly boolean[];
  readonly refused?: string;
}

/** Milliseconds until an answer is no longer waited for: until the next heartbeats would be due. */
const ANSWER_MS = 1_000;

interface Waiting {
  readonly instance: BeatInstance;
  readonly answer: (known: boolean | undefined) => void;
}

export class BeatLine {
  readonly #origin: string;
  readonly #answerMs: number;
  readonly #sendSoon = onceATurn(() => this.#send());
  #opening: Upgrading | undefined;
  #connection: Duplex | undefined;
  /** The registry has no such protocol: one of an earlier version. */
  #refused = false;
  #closed = false;
  #accessToken: string | undefined;
  #gathered: Waiting[] = [];
  /** Messages that were sent and are not answered, the oldest first. */
  #sent: (readonly Waiting[])[] = [];
  #endLimit: (() => void) | undefined;

  /** @param origin of the registry, as `http://127.0.0.1:8848`. Opens nothing. @param answerMs milliseconds until an answer is too late. */
  constructor(origin: string, answerMs = ANSWER_MS) {
    this.#origin = origin;
    this.#answerMs = answerMs;
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Opens it, unless it is open or the registry has refused it; whether that succeeds shows later. */
  open(): void {
    if (this.isOpen || this.#opening !== undefined || this.#refused || this.#closed) return;
    this.#opening = upgrade(this.#origin, BEAT_PROTOCOL);
    this.#opening.socket
      .then((socket) => this.#take(socket))
      .catch((cause: unknown) => {
        this.#refused = cause instanceof UpgradeRefused;
      })
      .finally(() => {
        this.#opening = undefined;
      });
  }

  /**
   * Sends a heartbeat, together with those of the same turn of the event loop. Whether the registry knows the instance; undefined
   * when it did not say so: then the heartbeat has to go another way.
   */
  beat(instance: BeatInstance, accessToken?: string): Promise<boolean | undefined> {
    if (!this.isOpen) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    this.#accessToken = accessToken;
    this.#gathered.push({ instance, answer: resolve });
    this.#sendSoon();
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#opening?.abort(new Error("closed"));
    this.#connection?.destroy();
  }

  #take(connection: Duplex): void {
    if (this.#closed) return void connection.destroy();
    this.#connection = connection;
    eachLine(connection, (text) => this.#answered(text));
    connection.once("close", () => this.#lost());
  }

  #send(): void {
    const waiting = this.#gathered;
    // The connection was lost meanwhile.
    if (waiting.length === 0) return;
    this.#gathered = [];
    const message: Beats = {
      accessToken: this.#accessToken,
      beats: waiting.map(({ instance }) => instance),
    };
    this.#sent.push(waiting);
    this.#connection?.write(`${JSON.stringify(message)}\n`);
    this.#endLimit ??= callAt(performance.now() + this.#answerMs, () => this.#connection?.destroy());
  }

  #answered(text: string): void {
    const { known } = fieldsOf(parseJson(text));
    const answers: readonly unknown[] = Array.isArray(known) ? known : [];
    for (const [index, { answer }] of (this.#sent.shift() ?? []).entries())
      answer(answers[index] === undefined ? undefined : answers[index] === true);
    if (this.#sent.length > 0) return;
    this.#endLimit?.();
    this.#endLimit = undefined;
  }

  /** Ends all waits: what was sent may have arrived, and a heartbeat may come twice. */
  #lost(): void {
    this.#connection = undefined;
    this.#endLimit?.();
    this.#endLimit = undefined;
    const waiting = [...this.#sent.flat(), ...this.#gathered];
    this.#sent = [];
    this.#gathered = [];
    for (const { answer } of waiting) answer(undefined);
  }
}
