// A state machine as data: for each command, what it does in each status. Decisions look here; tests enumerate it; docs print it.

/** One command. What stands in `steps` is done; in every other status it comes to what `otherwise` says. */
export interface Rule<Status extends string> {
  /** Who or what gives it, and under which further conditions; for the docs. */
  readonly by: string;
  /** From each status in which it is accepted to the one it leads to, which may be the same. */
  readonly steps: Readonly<Partial<Record<Status, Status>>>;
  /** Elsewhere: refused with 409 and this code, since it can't be `done`; or what becomes of it instead. */
  readonly otherwise: { readonly refused: string; readonly done: string } | { readonly instead: string };
  /** What the parties are told once it is done. */
  readonly tells?: string;
}

export type Rules<Status extends string> = Readonly<Record<string, Rule<Status>>>;

/** Where a command leads from `status`; undefined where it is not accepted. */
export const targetOf = <Status extends string>(rule: Rule<Status>, status: Status): Status | undefined =>
  rule.steps[status];

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
