// What the command line of `npm run bench:room` may say.

import { names, number, readOptions, text } from "../../tests/support/command.ts";

export const SECTIONS = ["page", "pixel", "flows", "starts", "hour", "kills"] as const;
export type Section = (typeof SECTIONS)[number];

export interface Options {
  readonly sections: readonly Section[];
  /** Length of each phase on a full page, and of the time in which events are followed to their pixels. */
  readonly seconds: number;
  /** Pairs of systems under load at the same time, with each side. */
  readonly pairs: number;
  /** Pairs of starts. */
  readonly rounds: number;
  /** Length of the demo under kills. */
  readonly minutes: number;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
}

/** @throws {Error} for an option that does not exist, or a section. */
export function optionsOf(args: readonly string[]): Options {
  const { only, ...options } = readOptions(
    {
      only: names,
      seconds: number(10),
      pairs: number(5),
      rounds: number(12),
      minutes: number(10),
      json: text(undefined),
    },
    args,
  );
  const unknown = only?.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${SECTIONS.join(", ")}`);
  return { ...options, sections: SECTIONS.filter((section) => only?.includes(section) ?? true) };
}
