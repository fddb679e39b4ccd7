// What a history is: who does what when, and how well the ports serve them. Plain data that fast-check makes and shrinks.

import fc from "fast-check";
import { RANGE } from "./chance.ts";

/** What can happen. What comes earlier is what a shrunk history prefers. */
const KINDS = [
  "read",
  "pay",
  "decide",
  "cancel",
  "complete",
  "refund",
  "delete",
  "edit",
  "cancel payment",
  "capture",
  "create",
  "replay",
  "forge",
  "spy",
  "dismiss",
  "crash",
  "sweep",
  "skew",
  "share",
  "resend",
] as const;

export type Kind = (typeof KINDS)[number];

export interface Step {
  readonly kind: Kind;
  /** Index into {@link GAPS}: how long after the step before. */
  readonly gap: number;
  /** Which of the orders there are, counted round. */
  readonly order: number;
  /** Which Idempotency-Key; 0: none. */
  readonly key: number;
  /** What each kind makes of it: who, how much, which. */
  readonly n: number;
}

export interface History {
  /** How far the first order gets in calm: 0 it is there, 1 an attempt to pay it is live, 2 it is paid. */
  readonly begun: number;
  readonly steps: readonly Step[];
  /** One number for each call of a port, in the order in which they are made; see chance.ts. All that follow are 0. */
  readonly schedule: readonly number[];
  /** 0 to 3: how much of the schedule are faults. */
  readonly turbulence: number;
  /** Whether mail is sent. */
  readonly mail: boolean;
  /** 0 to 3: whether users have browsers that get Web Push (1) and live connections (2). */
  readonly push: number;
  /** 0 to 3: whether the seller (1) and the operators (2) have webhooks. */
  readonly hooks: number;
}

/** Milliseconds. Most steps overlap; some come when something has expired. */
export const GAPS = [
  300, 0, 0, 1, 0, 3, 0, 8, 30, 0, 90, 0, 5, 0, 15, 400, 0, 2, 1_200, 2_000, 30_000, 300_000, 660_000,
  960_000,
];

const OFTEN: readonly Kind[] = [
  "pay",
  "pay",
  "pay",
  "decide",
  "decide",
  "decide",
  "cancel",
  "refund",
  "complete",
];

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, ...OFTEN),
  gap: fc.nat(GAPS.length - 1),
  order: fc.nat(5).map((n) => (n < 4 ? 0 : n - 3)),
  key: fc.nat(2),
  n: fc.nat(11),
});

export const anyHistory: fc.Arbitrary<History> = fc.record({
  begun: fc.nat(2),
  steps: fc.array(step, { maxLength: 14, size: "max" }),
  schedule: fc.array(fc.nat(RANGE - 1), { maxLength: 240, size: "max" }),
  turbulence: fc.nat(3),
  mail: fc.nat(4).map((n) => n === 4),
  push: fc.nat(5).map((n) => (n > 3 ? 0 : n)),
  hooks: fc.nat(5).map((n) => (n > 3 ? 0 : n)),
});
