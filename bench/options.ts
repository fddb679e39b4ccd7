// What the command line of `npm run bench` may say.

import { parseArgs } from "node:util";

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
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly flowWarmUpMs: number;
  readonly flowWindowMs: number;
  readonly idleMs: number;
  /** Paired runs of the yardsticks. */
  readonly rounds: number;
}

const FULL: Effort = {
  starts: 5,
  warmUpMs: 800,
  windowMs: 3_000,
  flowWarmUpMs: 4_000,
  flowWindowMs: 12_000,
  idleMs: 4_000,
  rounds: 3,
};

const QUICK: Effort = {
  starts: 2,
  warmUpMs: 400,
  windowMs: 1_000,
  flowWarmUpMs: 2_000,
  flowWindowMs: 4_000,
  idleMs: 2_000,
  rounds: 1,
};

/** @throws {TypeError} for an option that does not exist. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  return { quick: values.quick, json: values.json, write: values.write, profile: values.profile };
}

export const effortOf = ({ quick }: Options): Effort => (quick ? QUICK : FULL);
