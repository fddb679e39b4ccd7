// What the command line of `npm run bench:push` may say.

import { flag, number, readOptions, text } from "../../tests/support/command.ts";

export interface Options {
  readonly connections: number;
  /** Among whom the connections are divided; one user may have 20. */
  readonly users: number;
  /** Length of each window in seconds: without anything to send, and at each rate. */
  readonly seconds: number;
  /** Frames per second in the second loaded window, over all connections; the first one has 50. */
  readonly frames: number;
  /** Orders whose notification is timed, and how many of them a second. */
  readonly orders: number;
  readonly rate: number;
  /** Connections go through the gateway. */
  readonly gateway: boolean;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
}

/** As `$connect` allows it. */
const MOST_PER_USER = 20;

/** @throws {Error} for an option that does not exist, or more connections than the users may have. */
export function optionsOf(args: readonly string[]): Options {
  const options = readOptions(
    {
      connections: number(1_000),
      users: number(100),
      seconds: number(60),
      frames: number(500),
      orders: number(1_000),
      rate: number(20),
      gateway: flag,
      json: text(undefined),
    },
    args,
  );
  const { connections, users } = options;
  if (users < 1 || connections > users * MOST_PER_USER || connections % users !== 0)
    throw new Error(
      `${connections} connections can't be divided among ${users} users: each has as many, and ${MOST_PER_USER} at most`,
    );
  return options;
}
