// What the command line of `npm run bench` may say.

import { flag, readOptions, text } from "../tests/support/command.ts";
import type { Length } from "./bench-system.ts";

export interface Options {
  /** About a minute instead of five: fewer starts, shorter windows. */
  readonly quick: boolean;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
  /** Also renew docs/benchmarks.md. */
  readonly write: boolean;
  /** Profile the flow instead of measuring. */
  readonly profile: boolean;
}

/** Lengths in milliseconds, and numbers of repetitions. */
export interface Effort {
  readonly starts: number;
  /** Of one load of a single route, or of the database. */
  readonly route: Length;
  readonly flow: Length;
  readonly idleMs: number;
  /** Paired runs of the yardsticks. */
  readonly rounds: number;
}

const FULL: Effort = {
  starts: 5,
  route: { warmUpMs: 800, warmUpCount: 800, windowMs: 3_000 },
  flow: { warmUpMs: 5_000, warmUpCount: 400, windowMs: 12_000 },
  idleMs: 4_000,
  rounds: 3,
};

const QUICK: Effort = {
  starts: 2,
  route: { warmUpMs: 200, warmUpCount: 200, windowMs: 600 },
  flow: { warmUpMs: 1_500, warmUpCount: 100, windowMs: 2_500 },
  idleMs: 2_000,
  rounds: 1,
};

/** @throws {Error} for an option that does not exist. */
export const optionsOf = (args: readonly string[]): Options =>
  readOptions({ quick: flag, json: text(undefined), write: flag, profile: flag }, args);

export const effortOf = ({ quick }: Options): Effort => (quick ? QUICK : FULL);
