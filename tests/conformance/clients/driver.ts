// A program that drives one Nacos client: it gets commands and answers them, a line of JSON each, and tells what the client
// is notified of.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as z from "zod";
import { until } from "../../support/poll.ts";
import { kill } from "../../support/run.ts";

/** How to start a driver; the address and the account are appended to `args`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const message = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ done: z.unknown() }),
  z.object({ failed: z.string() }),
  z.object({ event: z.literal("instances"), service: z.string(), ports: z.array(z.number()) }),
  z.object({ event: z.literal("config"), dataId: z.string(), content: z.string().nullable() }),
]);

export type Command =
  | {
      readonly do: "register";
      readonly service: string;
      readonly ip: string;
      readonly port: number;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly do: "list" | "subscribe"; readonly service: string }
  | { readonly do: "get" | "listen"; readonly dataId: string }
  | { readonly do: "publish"; readonly dataId: string; readonly content: string };

const ANSWER_WITHIN_MS = 60_000;
const KEPT_OUTPUT = 4_000;

export class Driver {
  readonly #process: ChildProcess;
  /** Ports of the last list that was pushed, by service. */
  readonly pushed = new Map<string, readonly number[]>();
  /** The last content that was notified, by configuration. */
  readonly contents = new Map<string, string>();
  readonly #answers: ({ readonly done: unknown } | { readonly failed: string })[] = [];
  #ready = false;
  #output = "";

  /** @param folder in which the client may keep files. */
  constructor({ command, args, env }: Program, given: readonly string[], folder: string) {
    // A group of its own, since a client may start processes.
    this.#process = spawn(command, [...args, ...given], {
      cwd: folder,
      env: { ...process.env, HOME: folder, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#process.on("error", (error) => this.#said(String(error)));
    this.#process.stdin?.on("error", () => {});
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => this.#said(text));
    if (this.#process.stdout !== null)
      createInterface({ input: this.#process.stdout }).on("line", (line) => this.#take(line));
  }

  /** Resolves when the client is connected. @throws {Error} when it does not connect. */
  async ready(): Promise<void> {
    await this.#until("it is ready", () => this.#ready);
  }

  /** What the client gives. @throws {Error} when it fails. */
  async run(command: Command): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    await this.#until(`it answers "${command.do}"`, () => this.#answers.length > 0);
    const answer = this.#answers.shift();
    if (answer === undefined || "failed" in answer) throw new Error(`${command.do}: ${answer?.failed}`);
    return answer.done;
  }

  /** SIGKILL, for it and what it has started. */
  kill(): void {
    if (this.#process.pid !== undefined) kill(-this.#process.pid);
  }

  async #until(what: string, look: () => boolean): Promise<void> {
    const over = () => this.#process.exitCode !== null || this.#process.pid === undefined;
    await until(what, () => look() || over(), ANSWER_WITHIN_MS).catch((cause: unknown) => {
      throw new Error(`${String(cause)}; it printed:\n${this.#output}`);
    });
    if (!look()) throw new Error(`It ended before ${what}; it printed:\n${this.#output}`);
  }

  #said(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
  }

  #take(line: string): void {
    const parsed = message.safeParse(line.startsWith("{") ? JSON.parse(line) : undefined);
    if (!parsed.success) {
      this.#said(`${line}\n`);
      return;
    }
    const { data } = parsed;
    if ("ready" in data) this.#ready = true;
    else if (!("event" in data)) this.#answers.push(data);
    else if (data.event === "instances") this.pushed.set(data.service, data.ports);
    else this.contents.set(data.dataId, data.content ?? "");
  }
}
