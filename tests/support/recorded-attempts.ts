// The attempts at peers that processes make over connections, as run-attempt-recorder.ts writes them down.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Attempt {
  /** Pid of the process that made it. */
  readonly caller: string;
  readonly origin: string;
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export class RecordedAttempts {
  readonly #folder = mkdtempSync(join(tmpdir(), "cfmp-attempts-"));

  /** Environment of the processes whose attempts are recorded. */
  get env(): Readonly<Record<string, string>> {
    const recorder = pathToFileURL(join(import.meta.dirname, "run-attempt-recorder.ts")).href;
    return { NODE_OPTIONS: `--import=${recorder} --no-warnings`, CFMP_ATTEMPTS: this.#folder };
  }

  /** All so far. */
  all(): readonly Attempt[] {
    return readdirSync(this.#folder).flatMap((file) =>
      parseAttempts(file.replace(/\..*$/, ""), readFileSync(join(this.#folder, file), "utf8")),
    );
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Parses what run-attempt-recorder.ts wrote in the process `caller`. */
export function parseAttempts(caller: string, text: string): readonly Attempt[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [at = "", origin = "", path = ""] = line.split(" ");
      return { caller, origin, path, at: Number(at) };
    });
}
