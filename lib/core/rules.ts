// A state machine as data: for each command, its effect in each status. The rules read it, tests enumerate it, and
// docs/state-machines.md is generated from it.

import { conflict } from "./domain-error.ts";

/** One command: `steps` are the statuses in which it is accepted; in every other status `otherwise` applies. */
export interface Rule<Status extends string, Event extends string = string> {
  /** Who or what gives it, and under which further conditions; for the docs. */
  readonly by: string;
  /** From each status in which it is accepted to the one it leads to, which may be the same. */
  readonly steps: Readonly<Partial<Record<Status, Status>>>;
  /** In every other status: refused as a conflict with this code (`done` completes "can't be …"), or what happens instead. */
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
 * @throws {Error} where the rule says that something else happens instead: the caller has to handle that status first.
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

/** Every change of status that `rules` allow, as pairs from and to. A command that keeps the status adds none. */
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
