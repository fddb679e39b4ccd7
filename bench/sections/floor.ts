// What a flow would cost if there were nothing but its database operations and its HTTP exchanges, beside the whole flow, by turns.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, SANDBOX_SECRET, timing } from "../bench-system.ts";
import { pairedRatios, type Spread, spreadOf } from "../compare/ratios.ts";
import { startEmptyHandlers } from "../floor/empty-handlers.ts";
import type { FlowUsers, Job } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { type ByRole, type Processes, sum } from "../processes.ts";
import type { FlowRecord } from "./operations.ts";

export const FLOOR_LANES = 32;
const USERS: FlowUsers = "new";

/** CPU milliseconds of one flow. */
export interface Floor {
  readonly whole: Spread;
  /** Its operations through the services' client: CPU of client and database. */
  readonly operations: Spread;
  /** Its requests to a server that gives recorded replies: CPU of the server. */
  readonly exchanges: Spread;
  /** The whole flow by operations and exchanges, round by round. */
  readonly ratio: Spread;
}

/** Measures a recorded flow, and its parts alone. @param idle what the system uses just after some requests. */
export async function measureFloor(
  { databaseUrl, urls }: System,
  processes: Processes,
  { steps, texts, replies }: FlowRecord,
  idle: ByRole,
  { rounds, turn }: Effort,
): Promise<Floor> {
  const { helper = 0 } = processes;
  const empty = await startEmptyHandlers(replies);
  const flow = { kind: "flow", users: USERS, secret: SANDBOX_SECRET } as const;
  const jobs: Readonly<Record<"whole" | "operations" | "exchanges", Job>> = {
    whole: { ...flow, urls, ...timing(FLOOR_LANES, processes, turn.flow) },
    operations: {
      kind: "replay",
      databaseUrl,
      steps,
      fresh: texts,
      countClient: true,
      ...timing(FLOOR_LANES, { helper }, turn.route),
    },
    exchanges: { ...flow, urls: empty.urls, ...timing(FLOOR_LANES, { runtime: empty.pid }, turn.route) },
  };
  const costOf = async (job: Job, rest: ByRole) => sum(cpuEach(await load(job), rest));
  try {
    const [whole, operations, exchanges]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      whole.push(await costOf(jobs.whole, idle));
      operations.push(await costOf(jobs.operations, {}));
      exchanges.push(await costOf(jobs.exchanges, {}));
    }
    const parts = operations.map((cost, round) => cost + (exchanges[round] ?? 0));
    return {
      whole: spreadOf(whole),
      operations: spreadOf(operations),
      exchanges: spreadOf(exchanges),
      ratio: pairedRatios(parts, whole),
    };
  } finally {
    await empty.stop();
  }
}
