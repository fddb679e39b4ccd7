// One history from begin to end: steps, then quiet, then the promises.

import { inVirtualTime } from "./globals.ts";
import type { Tally, Violation } from "./notes.ts";
import { checkPromises } from "./promises.ts";
import { Scheduler } from "./scheduler.ts";
import { settle } from "./settle.ts";
import { SimulatedSystem } from "./simulated-system.ts";
import { GAPS, type History, type Step } from "./steps.ts";
import { START } from "./terms.ts";
import { Users } from "./users.ts";
import { checkVisible } from "./visible.ts";

export interface Outcome {
  readonly violations: readonly Violation[];
  /** What happened, line by line; empty unless requested. */
  readonly trace: readonly string[];
  readonly tally: Tally;
}

/** After a gap as long as this, every instance's schedule has had its turn. */
const SWEPT_AFTER_MS = 30_000;

/** Of ids and pauses. What they are changes nothing, so every history has the same. */
const RANDOM_SEED = 1;

/** Runs `history`. The same history gives the same outcome, line by line. */
export async function runHistory(history: History, traced = false): Promise<Outcome> {
  const scheduler = new Scheduler(START);
  const world = await inVirtualTime(scheduler, RANDOM_SEED, async () => {
    const world = new SimulatedSystem(scheduler, { ...history, traced });
    const users = new Users(world);
    await begin(world, users, history);
    schedule(world, users, history.steps);
    await scheduler.run();
    await settle(world);
    const { captures } = checkPromises(world, users);
    Object.assign(world.tally, { captures, writes: world.commits.count });
    world.muted = true;
    await checkVisible(world);
    return world;
  });
  return { violations: world.violations, trace: world.trace, tally: world.tally };
}

/** Without an order there is nothing to see, so the first one is made, and maybe paid, in calm. Who has a connection has a feed. */
async function begin(world: SimulatedSystem, users: Users, { begun, push }: History): Promise<void> {
  world.chance.calm = true;
  if ((push & 2) > 0) {
    for (const user of ["ann", "sal"] as const) void users.openFeed(user);
    await world.scheduler.run();
  }
  for (const kind of (["create", "pay", "decide"] as const).slice(0, begun + 1)) {
    void users.act({ kind, gap: 0, order: 0, key: 0, n: 0 });
    await world.scheduler.run();
  }
  world.chance.calm = false;
}

function schedule(world: SimulatedSystem, users: Users, steps: readonly Step[]): void {
  const { scheduler } = world;
  let time = 0;
  for (const step of steps) {
    const gap = GAPS[step.gap] ?? 0;
    time += gap;
    if (gap >= SWEPT_AFTER_MS)
      for (const node of world.nodes) scheduler.after(time, undefined, () => void node.sweep());
    scheduler.after(time, undefined, () => void take(world, users, step));
  }
}

async function take(world: SimulatedSystem, users: Users, step: Step): Promise<void> {
  const { kind, n, order } = step;
  const node = world.nodes[n % world.nodes.length];
  if (kind === "crash") return node?.crash();
  if (kind === "sweep") return node?.sweep();
  if (kind === "skew" && node) {
    node.process.skew = (order - 1) * 4_000 * (n % 2 ? 1 : -1);
    return world.note(() => `the clock of ${node.process.name} is off by ${node.process.skew} ms`);
  }
  if (kind === "replay") return world.outside.replay(n);
  if (kind === "capture" || kind === "forge") {
    const payment = [...world.commits.payments.values()].at(order % 2)?.at(-1)?.state;
    return payment && world.outside[kind](payment, n);
  }
  return users.act(step);
}
