// Messages wait in line for a receiver that takes only so many at once, and in the table where that would take long.

import { timeLimit } from "../../lib/core/time-limit.ts";
import { Turns } from "../../lib/core/turns.ts";
import { DeliveryFailure } from "../../lib/outbox/failure.ts";
import { Pace, type PaceOptions } from "./pace.ts";

export interface LinesOptions extends Pick<PaceOptions, "guessMs" | "longestMs"> {
  /** Messages on their way to one receiver at once, in this process. */
  readonly atOnce: number;
  /** Most that wait behind them. */
  readonly waiting: number;
  /** Milliseconds that a message waits for its turn. */
  readonly turnMs: number;
  /** Why a message is put off. */
  readonly why: string;
}

/** A line for each receiver. */
export class Lines {
  readonly #turns: Turns;
  readonly #pace: Pace;
  readonly #turnMs: number;
  readonly #why: string;

  constructor({ atOnce, waiting, turnMs, why, ...pace }: LinesOptions) {
    this.#turns = new Turns({ atOnce, mostAtOnce: atOnce, small: 1, waiting });
    this.#pace = new Pace({ atOnce, ...pace });
    this.#turnMs = turnMs;
    this.#why = why;
  }

  /**
   * Does `work` when `receiver` has a place for it. Where that takes longer than a short while, as far as is known, the message does not wait here.
   * @throws {DeliveryFailure} held.
   */
  async take<T>(receiver: string, work: () => Promise<T>): Promise<T> {
    const putOff = () => held(this.#why, this.#pace.putOff(receiver, this.#turnMs));
    if (this.#pace.waitIn(receiver, this.#turns.lineOf(receiver)) > this.#turnMs) throw putOff();
    const limit = timeLimit(this.#turnMs);
    let begun = false;
    try {
      return await this.#turns.take(
        receiver,
        limit.signal,
        async () => {
          begun = true;
          const at = performance.now();
          try {
            return await work();
          } finally {
            this.#pace.took(receiver, performance.now() - at);
          }
        },
        () => 1,
      );
    } catch (error) {
      if (begun) throw error;
      throw putOff();
    } finally {
      limit.clear();
    }
  }

  /** Turns at `receiver` for messages that are stored together: what follows one that was put off is put off until the same time. */
  together(receiver: string): Turn {
    let putOff: DeliveryFailure | undefined;
    return async (work) => {
      if (putOff !== undefined) throw putOff;
      try {
        return await this.take(receiver, work);
      } catch (error) {
        if (!(error instanceof DeliveryFailure && error.kind === "held")) throw error;
        putOff ??= error;
        throw putOff;
      }
    };
  }
}

/** Does `work` in its turn. @throws {DeliveryFailure} held. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Not tried now. */
export const held = (why: string, waitMs: number): DeliveryFailure =>
  new DeliveryFailure("held", why, waitMs);
