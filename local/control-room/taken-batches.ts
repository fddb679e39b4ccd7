// Which batches of reports were taken: one is sent again where the reply to it was lost.

import type { Report } from "./report.ts";

const MOST_SENDERS = 100;

export class TakenBatches {
  /** Of each runtime the number of the last one. */
  readonly #last = new Map<string, number>();

  /** Whether the batch of `report` was not taken before; from then on it was. */
  isNew({ instance, batch }: Pick<Report, "instance" | "batch">): boolean {
    if (batch === undefined) return true;
    if (batch === this.#last.get(instance)) return false;
    this.#last.delete(instance);
    this.#last.set(instance, batch);
    for (const [oldest] of this.#last) if (this.#last.size > MOST_SENDERS) this.#last.delete(oldest);
    return true;
  }
}
