// Child processes that exchange messages of plain JSON with this one; their side is parent.ts.

import { type ChildProcess, fork } from "node:child_process";

/** Limit for a message that comes at once on a quiet machine. */
const MESSAGE_WITHIN_MS = 90_000;
const END_WITHIN_MS = 5_000;

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Options of Node. */
  readonly flags?: readonly string[];
}

/** A forked process that sends messages `From` and gets messages `To`; both are distinguished by their `type`. */
export class Child<From extends { readonly type: string }, To extends object = never> {
  /** Epoch milliseconds with a fraction; processes of one machine agree on it to within a millisecond. */
  readonly spawnedAt = performance.timeOrigin + performance.now();
  readonly #process: ChildProcess;
  readonly #received: From[] = [];
  readonly #waiting = new Set<() => void>();

  /** Forks `path` (a TypeScript file) with `job` as its argument. It ends with this process, if it calls `endWithParent`. */
  constructor(path: string, job: object, { env = process.env, flags = [] }: ChildOptions = {}) {
    this.#process = fork(path, [JSON.stringify(job)], {
      env,
      execArgv: ["--no-warnings", ...flags],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const look = () => {
      for (const waiting of [...this.#waiting]) waiting();
    };
    this.#process.on("message", (message: From) => {
      this.#received.push(message);
      look();
    });
    this.#process.once("exit", look);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Its exit code, when it ends. */
  get exit(): Promise<number | null> {
    if (this.ended) return Promise.resolve(this.#process.exitCode);
    return new Promise((resolve) => this.#process.once("exit", resolve));
  }

  send(message: To): void {
    this.#process.send(message);
  }

  /** Calls back for each message to come, besides those that `receive` waits for. */
  on(listener: (message: From) => void): void {
    this.#process.on("message", listener);
  }

  /** The next message of `type`, or the first one that came unread. @throws {Error} when it ends or sends none in time. */
  async receive<T extends From["type"]>(
    type: T,
    withinMs = MESSAGE_WITHIN_MS,
  ): Promise<Extract<From, { type: T }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { type: T }>>();
    const fail = (how: string) => reject(new Error(`${this.#process.spawnargs.at(-2)} ${how} "${type}"`));
    const look = () => {
      const index = this.#received.findIndex((message) => message.type === type);
      const [found] = index < 0 ? [] : this.#received.splice(index, 1);
      if (found !== undefined && isOf(found, type)) resolve(found);
      else if (this.ended) fail("ended before it sent");
    };
    const timer = setTimeout(() => fail(`did not say within ${withinMs} ms`), withinMs);
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
    const { exit } = this;
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), END_WITHIN_MS);
    await exit;
    clearTimeout(timer);
  }
}

function isOf<From extends { readonly type: string }, T extends From["type"]>(
  message: From,
  type: T,
): message is Extract<From, { type: T }> {
  return message.type === type;
}
