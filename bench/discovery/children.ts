// The processes of a run: forked, talked to, and ended whatever happens.

import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { until } from "../../tests/support/poll.ts";
import { processesWith } from "../../tests/support/processes.ts";
import { wallClock } from "./clock.ts";

const ANSWER_MS = 20_000;

export class Child<From extends { readonly type: string }, To extends object = never> {
  readonly spawnedAt: number;
  readonly #process: ChildProcess;
  readonly #heard: From[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(process: ChildProcess, spawnedAt: number) {
    this.#process = process;
    this.spawnedAt = spawnedAt;
    process.on("message", (message: From) => {
      this.#heard.push(message);
      for (const look of [...this.#waiting]) look();
    });
    process.once("exit", () => {
      for (const look of [...this.#waiting]) look();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  send(message: To): void {
    this.#process.send(message);
  }

  /** The next message of `type`, or the first one that came unread. @throws {Error} when it ends or says nothing in time. */
  async hear<T extends From["type"]>(type: T, withinMs = ANSWER_MS): Promise<Extract<From, { type: T }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { type: T }>>();
    const look = () => {
      const index = this.#heard.findIndex((message) => message.type === type);
      const [found] = index < 0 ? [] : this.#heard.splice(index, 1);
      if (found !== undefined && isOf(found, type)) resolve(found);
      else if (this.ended) reject(new Error(`A process of the bench ended before it said "${type}"`));
    };
    const timer = setTimeout(
      () => reject(new Error(`No "${type}" from a process of the bench within ${withinMs} ms`)),
      withinMs,
    );
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.ended) this.#process.kill(signal);
  }

  /** SIGTERM, and SIGKILL when that takes long. */
  async end(): Promise<void> {
    if (this.ended) return;
    const exited = new Promise<void>((resolve) => this.#process.once("exit", () => resolve()));
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 3_000);
    await exited;
    clearTimeout(timer);
  }
}

function isOf<From extends { readonly type: string }, T extends From["type"]>(
  message: From,
  type: T,
): message is Extract<From, { type: T }> {
  return message.type === type;
}

/** All processes begun by one run, also those that they begin themselves. */
export class Children {
  readonly #mark = randomUUID();

  /** Forks `processes/<name>.ts` with `job` as its argument. */
  fork<From extends { readonly type: string }, To extends object = never>(
    name: string,
    job: object,
  ): Child<From, To> {
    const spawnedAt = wallClock();
    const child = fork(join(import.meta.dirname, "processes", `${name}.ts`), [JSON.stringify(job)], {
      env: { ...process.env, CFMP_BENCH_RUN: this.#mark },
      execArgv: ["--no-warnings"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    return new Child<From, To>(child, spawnedAt);
  }

  /** Ends whatever is left. */
  async endAll(): Promise<void> {
    const left = () => processesWith("CFMP_BENCH_RUN", this.#mark);
    for (const pid of left()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended meanwhile.
      }
    }
    await until("all processes of the bench are gone", () => left().length === 0);
  }
}
