// Other programs: run to their end, or begun and ended later. Nothing of them outlives this process.

import { type ChildProcess, spawn } from "node:child_process";

export interface ProgramOptions {
  readonly cwd?: string;
  /** Instead of this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its output also goes to this process's. */
  readonly shown?: boolean;
  /** It leads a process group, and all of the group ends with it: for programs that start others. */
  readonly group?: boolean;
}

/** A program that goes on. */
export interface Program {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both, in the order in which they came. */
  readonly output: () => string;
  /** Its exit code once it ended and all output was read; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly running: () => boolean;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL when that takes long. */
  readonly end: () => Promise<void>;
}

export interface Ended {
  /** -1 when a signal ended it, or it took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly output: string;
}

/** Ends each program that was begun and has not ended. */
const begun = new Set<() => void>();
process.once("exit", () => {
  for (const end of begun) end();
});

const END_WITHIN_MS = 10_000;
const RUN_WITHIN_MS = 10 * 60_000;

/** Begins `command`, whose standard input is empty. @throws {Error} when there is no such program. */
export async function begin(
  command: string,
  args: readonly string[],
  { cwd, env, shown = false, group = false }: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    stdio: ["ignore", "pipe", "pipe"],
    detached: group,
  });
  const said = { stdout: "", stderr: "", output: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      said.output += text;
      if (shown) process[name].write(text);
    });
  }
  const pid = await started(child, command);
  const signal = (name: NodeJS.Signals) => kill(group ? -pid : pid, name);
  const killAll = () => void signal("SIGKILL");
  begun.add(killAll);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const over = ended.then(() => {
    if (group) killAll();
    begun.delete(killAll);
  });
  return {
    pid,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    output: () => said.output,
    ended,
    running: () => child.exitCode === null && child.signalCode === null,
    signal,
    async end() {
      signal("SIGTERM");
      const timer = setTimeout(killAll, END_WITHIN_MS);
      await over;
      clearTimeout(timer);
    },
  };
}

/** Runs `command` to its end, for `withinMs` at most. */
export async function run(
  command: string,
  args: readonly string[],
  { withinMs = RUN_WITHIN_MS, ...options }: ProgramOptions & { readonly withinMs?: number } = {},
): Promise<Ended> {
  const program = await begin(command, args, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    program.signal("SIGKILL");
  }, withinMs);
  const code = await program.ended;
  clearTimeout(timer);
  const { stdout, stderr, output } = program;
  return { code: late ? -1 : (code ?? -1), stdout: stdout(), stderr: stderr(), output: output() };
}

/** As {@link run}; gives its standard output. @throws {Error} with what it printed, unless it ended with 0. */
export async function mustRun(...given: Parameters<typeof run>): Promise<string> {
  const { code, stdout, output } = await run(...given);
  const [command, args] = given;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return stdout;
}

/** Sends a signal to a process, or to a group by its negative number; false when it is not there. */
export function kill(pid: number, name: NodeJS.Signals | 0 = "SIGKILL"): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function started(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid ?? 0));
    child.once("error", (cause) =>
      reject(new Error(`${command} cannot be run; it is needed here`, { cause })),
    );
  });
}
