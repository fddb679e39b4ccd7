// The processes of a run: forked, and ended whatever happens.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Child } from "../../tests/support/child.ts";
import { endProcessesWith } from "../../tests/support/processes.ts";

/** All processes begun by one run, also those that they begin themselves. */
export class Children {
  readonly #mark = randomUUID();

  /** Forks `path`, from this folder, with `job` as its argument. */
  fork<From extends { readonly type: string }, To extends object = never>(
    path: string,
    job: object,
  ): Child<From, To> {
    const env = { ...process.env, CFMP_BENCH_RUN: this.#mark };
    return new Child(join(import.meta.dirname, path), job, { env });
  }

  /** Ends whatever is left. */
  endAll(): Promise<void> {
    return endProcessesWith("CFMP_BENCH_RUN", this.#mark);
  }
}
