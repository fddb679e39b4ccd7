// Times of what happens one after another, written by instances whose clocks differ. Texts as `iso` writes them, which sort.

import { iso } from "./iso.ts";

/**
 * The time of what happens at `now`, in epoch milliseconds by this instance's clock, and after `last`: later than that also where
 * another instance wrote it, whose clock is ahead of this one's. So whoever sorts by such times has causes before effects, and no
 * two clocks have to agree (hybrid logical clocks; S. Kulkarni and others, "Logical Physical Clocks", 2014).
 */
export const timeAfter = (now: number, last: string): string =>
  iso(last === "" ? now : Math.max(now, Date.parse(last) + 1));

/** The latest of the defined times; empty when none is. */
export const latest = (...times: readonly (string | undefined)[]): string =>
  times.reduce<string>((one, other = "") => (one < other ? other : one), "");
