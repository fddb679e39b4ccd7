// What the commands among the tests have in common: their options, and how they say what came of them.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { messageOf } from "../../lib/core/failure-text.ts";

/** An option of the command line that gives a `T`. */
export interface Option<T> {
  readonly type: "string" | "boolean";
  /** What a value looks like, as `--help` shows it; without it the option has none. */
  readonly value?: string;
  /** @param text undefined when it is not given. */
  readonly read: (given: string | boolean | undefined) => T;
}

/** `--name 7`: a whole number, 0 or more. */
export const number = <T extends number | undefined>(usual: T): Option<number | T> => ({
  type: "string",
  value: usual === undefined ? "N" : String(usual),
  read: (given) => (given === undefined ? usual : whole(String(given))),
});

/** `--name text`. */
export const text = <T extends string | undefined>(usual: T): Option<string | T> => ({
  type: "string",
  value: usual || "TEXT",
  read: (given) => (given === undefined ? usual : String(given)),
});

/** `--name one,other`; undefined when it is not given. */
export const names: Option<readonly string[] | undefined> = {
  type: "string",
  value: "ONE,OTHER",
  read: (given) =>
    given === undefined
      ? undefined
      : String(given)
          .split(",")
          .map((name) => name.trim()),
};

/** `--name`. */
export const flag: Option<boolean> = { type: "boolean", read: (given) => given === true };

/** `--seed 7`; without it another number each time. */
export const seed: Option<number> = { ...number(randomInt(2 ** 30)), value: "N" };

type Values<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer T> ? T : never;
};

/**
 * Reads the options of a command.
 *
 * @throws {Error} for an option that does not exist, or a value that is none; the message lists the options there are.
 */
export function readOptions<Options extends Readonly<Record<string, Option<unknown>>>>(
  options: Options,
  args: readonly string[],
): Values<Options>;
export function readOptions(
  options: Readonly<Record<string, Option<unknown>>>,
  args: readonly string[],
): unknown {
  const entries = Object.entries(options);
  const types = entries.map(([name, { type }]) => [name, { type }] as const);
  try {
    const { values } = parseArgs({ args: [...args], options: Object.fromEntries(types) });
    return Object.fromEntries(entries.map(([name, { read }]) => [name, read(values[name])]));
  } catch (error) {
    const known = entries.map(([name, { value }]) => `[--${name}${value === undefined ? "" : ` ${value}`}]`);
    throw new Error(`${messageOf(error)}\nOptions: ${known.join(" ")}`);
  }
}

/** What `read` makes of this process' command line. Ends the process, with a line and exit code 2, where that is wrong. */
export function fromCommandLine<T>(read: (args: readonly string[]) => T): T {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    console.error(messageOf(error));
    process.exit(2);
  }
}

/** {@link readOptions} of this process' command line. */
export const commandOptions = <Options extends Readonly<Record<string, Option<unknown>>>>(options: Options) =>
  fromCommandLine((args) => readOptions(options, args));

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
}

/** Prints `N passed, N failed`, and fails the command unless something passed and nothing failed. */
export function report({ passed, failed }: Verdict): void {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

/** When this process gets a signal to end, `end` is called first. */
export function beforeEnd(end: () => void | Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, async () => {
      await end();
      process.exit(130);
    });
  }
}

function whole(given: string): number {
  if (!/^\d+$/.test(given)) throw new Error(`"${given}" is no whole number`);
  return Number(given);
}
