// The options of `npm run demo`.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { optionsOf, UsageError } from "../command.ts";

export interface DemoOptions {
  /** Orders per second. */
  readonly rate: number;
  readonly minutes: number;
  /** Seconds between two kills; 0: none. */
  readonly killEvery: number;
  readonly seed: number;
  /** Base URL of the gateway of a system that runs; without it the demo starts one of its own. */
  readonly against: string | undefined;
  /** Seconds that the system may take in the end until all is as it should be. */
  readonly settle: number;
  readonly stage: string | undefined;
}

const USAGE =
  "Usage: npm run demo -- [--rate 5] [--minutes 1] [--kill-every <seconds>] [--seed <number>] [--settle 60]\n" +
  "       npm run demo -- --against http://localhost:8000 [--rate 5] [--minutes 1] [--seed <number>] [--settle 60] [--stage dev]";

const MOST = { rate: 200, minutes: 600, "kill-every": 3_600, seed: 2 ** 32 - 1, settle: 3_600 } as const;

/** Reads `args`. @throws {UsageError} */
export function demoOptions(args: readonly string[]): DemoOptions {
  const options = {
    rate: { type: "string", default: "5" },
    minutes: { type: "string", default: "1" },
    "kill-every": { type: "string", default: "0" },
    seed: { type: "string", default: String(randomInt(2 ** 30)) },
    settle: { type: "string", default: "60" },
    against: { type: "string" },
    stage: { type: "string" },
  } as const;
  const { values } = optionsOf(USAGE, () => parseArgs({ args: [...args], options }));
  const number = (name: keyof typeof MOST): number => {
    const value = Number(values[name]);
    if (/^\d+(\.\d+)?$/.test(values[name]) && value <= MOST[name]) return value;
    throw new UsageError(`--${name} takes a number, at most ${MOST[name]}.\n${USAGE}`);
  };
  const killEvery = number("kill-every");
  const { against, stage } = values;
  if (against !== undefined && killEvery > 0)
    throw new UsageError(
      `--kill-every kills only what the demo has started, so not with --against.\n${USAGE}`,
    );
  if (against !== undefined && !/^https?:\/\/[^/?#]+\/?$/.test(against))
    throw new UsageError(`--against takes the gateway's base URL, such as http://localhost:8000.\n${USAGE}`);
  return {
    rate: number("rate"),
    minutes: number("minutes"),
    killEvery,
    seed: number("seed"),
    settle: number("settle"),
    against: against?.replace(/\/$/, ""),
    stage,
  };
}
