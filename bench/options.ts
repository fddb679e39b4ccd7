// What the command line of `npm run bench` may say.

import { resolve } from "node:path";
import { flag, number, readOptions, text } from "../tests/support/command.ts";
import type { Length } from "./bench-system.ts";

export interface Options {
  /** Two minutes instead of six: fewer starts, shorter windows. */
  readonly quick: boolean;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
  /** Also renew docs/benchmarks.md. */
  readonly write: boolean;
  /** Profile the flow instead of measuring. */
  readonly profile: boolean;
  /** Another checkout of this repository, with its node_modules, to compare this one with instead of measuring. */
  readonly against: string | undefined;
  /** Also measure with so many orders stored. */
  readonly stored: number;
  /** Number of paired runs, where the usual one is not wanted. */
  readonly rounds: number | undefined;
  /** What the stored orders are made from. */
  readonly seed: number;
}

/** Lengths in milliseconds, and numbers of repetitions. */
export interface Effort {
  readonly starts: number;
  /** Of one load of a single route, or of the database. */
  readonly route: Length;
  readonly flow: Length;
  /** Of one load when two systems are measured by turns, again and again. */
  readonly turn: { readonly route: Length; readonly flow: Length };
  readonly idleMs: number;
  /** From the last load to the look at the memory. */
  readonly restMs: number;
  /** How long a filled database is worked on at a steady pace. */
  readonly paceMs: number;
  /** Paired runs. */
  readonly rounds: number;
}

const FULL: Effort = {
  starts: 5,
  route: { warmUpMs: 700, warmUpCount: 800, windowMs: 2_500 },
  flow: { warmUpMs: 4_000, warmUpCount: 400, windowMs: 8_000 },
  turn: {
    route: { warmUpMs: 500, warmUpCount: 400, windowMs: 2_000 },
    flow: { warmUpMs: 1_500, warmUpCount: 200, windowMs: 5_000 },
  },
  idleMs: 5_000,
  restMs: 60_000,
  paceMs: 15_000,
  rounds: 3,
};

const QUICK: Effort = {
  starts: 2,
  route: { warmUpMs: 200, warmUpCount: 200, windowMs: 600 },
  flow: { warmUpMs: 1_500, warmUpCount: 100, windowMs: 2_500 },
  turn: {
    route: { warmUpMs: 200, warmUpCount: 100, windowMs: 600 },
    flow: { warmUpMs: 700, warmUpCount: 60, windowMs: 2_000 },
  },
  idleMs: 2_000,
  restMs: 10_000,
  paceMs: 5_000,
  rounds: 2,
};

/** @throws {Error} for an option that does not exist. */
export function optionsOf(args: readonly string[]): Options {
  const { against, ...options } = readOptions(
    {
      quick: flag,
      json: text(undefined),
      write: flag,
      profile: flag,
      against: text(undefined),
      stored: number(0),
      rounds: number(undefined),
      seed: number(1),
    },
    args,
  );
  return { ...options, against: against === undefined ? undefined : resolve(against) };
}

export function effortOf({ quick, rounds }: Options): Effort {
  const usual = quick ? QUICK : FULL;
  return { ...usual, rounds: rounds ?? usual.rounds };
}

/** The command that gives such figures, as the page names it. */
export const commandOf = ({ quick, stored }: Options): string => {
  const given = [...(quick ? ["--quick"] : []), ...(stored > 0 ? [`--stored ${stored}`] : [])];
  return ["npm run bench", ...(given.length > 0 ? ["--", ...given] : [])].join(" ");
};
