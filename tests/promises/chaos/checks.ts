// What a run must show, each in a line of its own, and how many held.

import { report } from "../../support/command.ts";

export interface Checks {
  /** Says whether `holds`, with the figures that show it. */
  check(what: string, holds: boolean, figures: string): void;
  /** Prints `N passed, N failed`, and sets the exit code. */
  end(): void;
}

export function createChecks(say: (line: string) => void = console.log): Checks {
  let passed = 0;
  let failed = 0;
  return {
    check(what, holds, figures) {
      if (holds) passed += 1;
      else failed += 1;
      say(`${holds ? "ok    " : "FAILED"}  ${what}: ${figures}`);
    },
    end() {
      report({ passed, failed });
    },
  };
}
