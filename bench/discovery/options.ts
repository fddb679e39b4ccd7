// What the command line of `npm run bench:discovery` may say.

import { flag, readOptions, text } from "../../tests/support/command.ts";

export interface Options {
  /** Below 90 s: shorter windows, fewer repetitions. */
  readonly quick: boolean;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
  /** Also renew docs/discovery-benchmarks.md. */
  readonly write: boolean;
}

/** Lengths in milliseconds, and numbers of repetitions. */
export interface Effort {
  /** Rounds of one direct and one discovered call. */
  readonly pairs: number;
  /** Turns of each balancer, and the length of one. */
  readonly turns: number;
  readonly turnMs: number;
  /** New instances of each kind. */
  readonly starts: number;
  /** Each fault of ours is repeated so often; the plain client's take long and are seen once. */
  readonly kills: number;
  /** How long the registry is away. */
  readonly outageMs: number;
}

const FULL: Effort = { pairs: 6_000, turns: 4, turnMs: 6_000, starts: 3, kills: 3, outageMs: 15_000 };
const QUICK: Effort = { pairs: 1_500, turns: 1, turnMs: 3_000, starts: 1, kills: 1, outageMs: 5_000 };

/** @throws {Error} for an option that does not exist. */
export const optionsOf = (args: readonly string[]): Options =>
  readOptions({ quick: flag, json: text(undefined), write: flag }, args);

export const effortOf = ({ quick }: Options): Effort => (quick ? QUICK : FULL);
