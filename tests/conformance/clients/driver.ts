// A process that drives one Nacos client: it gets commands and answers them, a line of JSON each, and tells what the client
// is notified of. One that does not answer in time is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as z from "zod";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { kill } from "../../support/run.ts";
import type { Program } from "./program.ts";

const answer = z.union([z.object({ done: z.unknown() }), z.object({ failed: z.string() })]);
const message = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ event: z.literal("instances"), service: z.string(), ports: z.array(z.number()) }),
  z.object({ event: z.literal("config"), dataId: z.string(), content: z.string().nullable() }),
  answer,
]);

export interface Instance {
  readonly service: string;
  readonly ip: string;
  readonly port: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export type Command =
  | ({ readonly do: "register" | "deregister" } & Instance)
  | { readonly do: "list" | "subscribe"; readonly service: string }
  | { readonly do: "get" | "listen"; readonly dataId: string }
  | { readonly do: "services" }
  | { readonly do: "call"; readonly url: string; readonly user: string; readonly order: object }
  | { readonly do: "publish"; readonly dataId: string; readonly content: string };

const ANSWER_WITHIN_MS = 60_000;
/** Characters of its last output that an error shows. */
const KEPT_OUTPUT = 2_000;

const killers = new Set<() => void>();
process.once("exit", () => {
  for (const killOne of killers) killOne();
});

export class Driver {
  readonly #process: ChildProcess;
  readonly #answerWithinMs: number;
  /** Ports of the last list that was pushed, by service. */
  readonly pushed = new Map<string, readonly number[]>();
  /** The last content that was notified, by configuration. */
  readonly contents = new Map<string, string>();
  readonly #answers: z.infer<typeof answer>[] = [];
  #ready = false;
  #output = "";

  private constructor(child: ChildProcess, answerWithinMs: number) {
    this.#process = child;
    this.#answerWithinMs = answerWithinMs;
    killers.add(() => this.kill());
    child.on("error", (error) => this.#keep(String(error)));
    child.stdin?.on("error", () => {});
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on("line", (line) => this.#take(line));
  }

  /**
   * @param given is appended to the program's arguments.
   * @param folder in which the client may keep files.
   * @param answerWithinMs for getting ready, and for every command; when it takes longer, it is killed.
   */
  static async start(
    program: Program,
    given: readonly string[],
    folder: string,
    answerWithinMs = ANSWER_WITHIN_MS,
  ): Promise<Driver> {
    const { command, args, env, portVariable } = program;
    const [port] = portVariable === undefined ? [] : await freePorts(1);
    const own = portVariable === undefined ? {} : { [portVariable]: String(port) };
    // A process group of its own, since a client may start processes.
    const child = spawn(command, [...args, ...given], {
      cwd: folder,
      env: { ...process.env, HOME: folder, ...env, ...own },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    return new Driver(child, answerWithinMs);
  }

  /** Resolves when the client is connected. @throws {Error} when it does not connect. */
  async ready(): Promise<void> {
    await this.#until("it is ready", () => this.#ready);
  }

  /** What the client gives. @throws {Error} when it fails, ends, or does not answer in time. */
  async run(command: Command): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    await this.#until(`it answers "${command.do}"`, () => this.#answers.length > 0);
    const given = this.#answers.shift();
    if (given === undefined || "failed" in given) throw new Error(`${command.do}: ${given?.failed}`);
    return given.done;
  }

  /** SIGKILL, for it and what it has started. */
  kill(): void {
    if (this.#running()) kill(-(this.#process.pid ?? 0));
  }

  #running(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  async #until(what: string, look: () => boolean): Promise<void> {
    await until(what, () => look() || !this.#running(), this.#answerWithinMs).catch(() => {
      // A later answer would be taken for that to another command.
      this.kill();
      throw new Error(`It was killed: not within ${this.#answerWithinMs} ms: ${what}${this.#printed()}`);
    });
    if (!look()) throw new Error(`It ended before ${what}${this.#printed()}`);
  }

  #printed(): string {
    return this.#output === "" ? "" : `; it printed:\n${this.#output}`;
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
  }

  #take(line: string): void {
    const parsed = message.safeParse(parse(line));
    if (!parsed.success) {
      this.#keep(`${line}\n`);
      return;
    }
    const { data } = parsed;
    if ("ready" in data) this.#ready = true;
    else if (!("event" in data)) this.#answers.push(data);
    else if (data.event === "instances") this.pushed.set(data.service, data.ports);
    else this.contents.set(data.dataId, data.content ?? "");
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
