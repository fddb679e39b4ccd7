// What the command line of `npm run bench:registry` may say.

import { flag, number, readOptions, text } from "../../tests/support/command.ts";

export interface Options {
  /** Half of them, and half of the subscribers, use HTTP and datagrams, the others gRPC. */
  readonly instances: number;
  readonly subscribers: number;
  /** Among which the instances are divided. All subscribe to the first one, and it is the one that changes. */
  readonly services: number;
  /** How long the registry is watched without changes. */
  readonly minutes: number;
  readonly changes: number;
  /** Milliseconds from one change to the next. */
  readonly pause: number;
  /** Instances send heartbeats as this system's sidecars do, every second; otherwise as Nacos' HTTP clients do, every 5 s. */
  readonly sidecars: boolean;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
}

/** @throws {Error} for an option that does not exist. */
export const optionsOf = (args: readonly string[]): Options =>
  readOptions(
    {
      instances: number(1_000),
      subscribers: number(1_000),
      services: number(10),
      minutes: number(5),
      changes: number(200),
      pause: number(500),
      sidecars: flag,
      json: text(undefined),
    },
    args,
  );
