// A state machine as data: for each command, what it does in each status. Decisions look here; tests enumerate it; docs print it.

import { conflict } from "./domain-error.ts";

/** One command. What stands in `steps` is done; in every other status it comes to what `otherwise` says. */
export interface Rule<Status extends string, Event extends string = string> {
  /** Who or what gives it, and under which further conditions; for the docs. */
  readonly by: string;
  /** From each status in which it is accepted to the one it leads to, which may be the same. */
  readonly steps: Readonly<Partial<Record<Status, Status>>>;
  /** Elsewhere: refused with 409 and this code, since it can't be `done`; or what becomes of it instead. */
  readonly otherwise: { readonly refused: string; readonly done: string } | { readonly instead: string };
  /** The event that the parties are notified of once it is done. */
  readonly event?: Event;
}

export type Rules<Status extends string, Event extends string = string> = Readonly<
  Record<string, Rule<Status, Event>>
>;

/** Where a command leads from `status`; undefined where it is not accepted. */
export const targetOf = <Status extends string>(rule: Rule<Status>, status: Status): Status | undefined =>
  rule.steps[status];

/** A section of the page of state machines: a machine, or a table of what follows from some. */
export type StateMachinePage = { readonly title: string; readonly text: string } & (
  | { readonly statuses: readonly string[]; readonly rules: Rules<string> }
  | { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
);

/**
 * Where a command leads from `status`; `what` is "An order" and the like.
 * @throws {DomainError} conflict, with the code the rule gives, where it is not accepted.
 * @throws {Error} where something else happens instead, which the caller should have seen to.
 */
export function requireTarget<Status extends string>(
  rule: Rule<Status>,
  status: Status,
  what: string,
): Status {
  const to = rule.steps[status];
  if (to !== undefined) return to;
  const { otherwise } = rule;
  if ("instead" in otherwise) throw new Error(`${what} that is ${status} has no step for: ${rule.by}`);
  throw conflict(otherwise.refused, `${what} that is ${status} can't be ${otherwise.done}.`);
}

/** The commands of a table. */
export const commandsOf = <Command extends string>(rules: Readonly<Record<Command, unknown>>): Command[] =>
  Object.keys(rules).filter((name): name is Command => name in rules);

/** Which status may follow which, by any of `rules`; staying where one is is no step. */
export function stepsOf<Status extends string>(
  statuses: readonly Status[],
  rules: Rules<Status>,
): ReadonlyMap<Status, ReadonlySet<Status>> {
  const next = (from: Status) =>
    Object.values(rules).flatMap((rule) => {
      const to = rule.steps[from];
      return to === undefined || to === from ? [] : [to];
    });
  return new Map(statuses.map((from) => [from, new Set(next(from))]));
}
