// Pauses of a receiver, which hold all that is sent there.

import { TtlCache } from "../../lib/core/ttl-cache.ts";
import { DeliveryFailure } from "../../lib/outbox/failure.ts";
import { held } from "./lines.ts";

/** Until when receivers want to be left alone, in epoch milliseconds, as this process has heard it: what they say is not about one message. */
export class Pauses {
  readonly #until = new TtlCache<number>({ limit: 5_000, ttl: 3_600_000, now: () => performance.now() });

  /** @throws {DeliveryFailure} held, when `receiver` is left alone at `now`. */
  check(receiver: string, now: number): void {
    const left = (this.#until.get(receiver) ?? 0) - now;
    if (left > 0) throw held("its receiver is left alone for a while", left);
  }

  /** Does `work`, which sends something there, and takes note of what its failure says. */
  async heeded<T>(receiver: string, now: () => number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeliveryFailure && error.kind === "away" && error.retryAfter !== undefined)
        this.#until.set(receiver, now() + error.retryAfter);
      throw error;
    }
  }
}
