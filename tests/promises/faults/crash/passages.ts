// Inside the process that is to crash: counts how often each port's calls begin and end, and ends the process, or lets the
// disk fail, at the one that was chosen. Nothing of the product knows of it; see ports/ for how calls come to pass here.

export type Phase = "before" | "after";

/** Names one passage since the last reset, such as `after orders put #2`, or a fault there: `torn database write #3`. */
export type Point = string;

const counts = new Map<string, number>();
let chosen: Point | undefined;
let underWay = 0;
let changedAt = performance.now();

/** The port of the embedded database's writes to the disk. */
export const DATABASE_WRITE = "database write";

/** What the ports look up: hints that get lost. */
export const faults = { hintsLost: false };

/** Modules of the product in whose place nothing watched was loaded yet. */
export const unwatched = new Set<string>();

/** What the suite reaches through control.ts, where there is one. */
export const reachable: { disk?: { readonly failing: boolean; mend(): void } } = {};

/** Calls `port`, passing a point before and one after it, also when it fails. `name` is `<port> <method>`. */
export async function through<T>(name: string, port: () => Promise<T> | T): Promise<T> {
  pass("before", name);
  begin(name, 1);
  try {
    return await port();
  } finally {
    begin(name, -1);
    pass("after", name);
  }
}

/** `port` with each of its methods called {@link through} a point. Its methods must return promises. */
export function watched<T extends object>(name: string, port: T): T {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) =>
        through(`${name} ${String(key)}`, () => Reflect.apply(member, target, given));
    },
  });
}

/** Forgets what was counted, and ends this process at `point` from now on; undefined: nowhere. */
export function arm(point: Point | undefined): void {
  counts.clear();
  chosen = point;
}

/** Whether the present call of `port`, the one whose beginning was counted last, is to meet with `fault`. */
export const isChosen = (fault: string, port: string): boolean =>
  chosen === `${fault} ${port} #${counts.get(`before ${port}`)}`;

export interface Passed {
  readonly counts: Record<string, number>;
  readonly idleMs: number;
  readonly diskFails: boolean;
  readonly unwatched: readonly string[];
}

/** What was passed since the last reset, for how long nothing was under way, whether the disk fails, and {@link unwatched}. */
export function passed(): Passed {
  return {
    diskFails: reachable.disk?.failing === true,
    counts: Object.fromEntries(counts),
    unwatched: [...unwatched],
    idleMs: underWay > 0 ? 0 : Math.round(performance.now() - changedAt),
  };
}

function pass(phase: Phase, name: string): void {
  const passage = `${phase} ${name}`;
  const count = (counts.get(passage) ?? 0) + 1;
  counts.set(passage, count);
  if (`${passage} #${count}` === chosen) process.kill(process.pid, "SIGKILL");
}

/** Sweeps look for work all the time; they do not count as work. */
function begin(name: string, by: 1 | -1): void {
  if (name.endsWith(" queryIds")) return;
  underWay += by;
  changedAt = performance.now();
}
