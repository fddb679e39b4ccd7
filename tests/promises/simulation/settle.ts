// After a history: every port works again, and time goes on until nothing is due any more.

import type { SimulatedSystem } from "./simulated-system.ts";

const ROUNDS = 80;

/** No index lags behind for longer. */
const LAG_MS = 10_000;

/** Lets everything settle. A system that still has something due after {@link ROUNDS} sweeps never will. */
export async function settle(world: SimulatedSystem): Promise<void> {
  const { scheduler, chance, nodes } = world;
  chance.calm = true;
  for (const node of nodes) {
    node.process.skew = 0;
    node.restart();
  }
  await scheduler.run();
  scheduler.now += LAG_MS;
  for (let round = 0; round < ROUNDS; round += 1) {
    const due = Math.min(...Object.values(world.stores).map((store) => store.firstDue()));
    if (due === Number.POSITIVE_INFINITY) return;
    scheduler.now = Math.max(scheduler.now, due) + 1;
    world.note(() => `settling, round ${round + 1}`);
    for (const node of nodes) if (node.no === 1 + (round % 2)) void node.sweep();
    await scheduler.run();
  }
  world.broken("settled", `something is still due after ${ROUNDS} sweeps`);
}
