// What a flow would cost if there were nothing but its database operations and its HTTP exchanges.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, SANDBOX_SECRET, timing } from "../bench-system.ts";
import { startEmptyHandlers } from "../floor/empty-handlers.ts";
import type { FlowUsers } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import type { Processes } from "../processes.ts";
import type { FlowRecord } from "./operations.ts";
import type { Row } from "./routes.ts";

const LANES = 32;
const USERS: FlowUsers = "new";

/** The operations of a recorded flow, through the services' client: CPU of client and database. */
export async function measureOperationsAlone(
  { databaseUrl }: System,
  { helper = 0 }: Processes,
  { steps, texts }: FlowRecord,
  effort: Effort,
): Promise<Row> {
  const width = timing(LANES, { helper }, effort.route);
  const job = { kind: "replay", databaseUrl, steps, fresh: texts, countClient: true, ...width } as const;
  const measured = await load(job);
  return { name: "its database operations alone", lanes: LANES, measured, cpu: cpuEach(measured, {}) };
}

/** The requests of a flow to a server that gives recorded replies: CPU of the server. */
export async function measureExchangesAlone({ replies }: FlowRecord, effort: Effort): Promise<Row> {
  const empty = await startEmptyHandlers(replies);
  try {
    const width = timing(LANES, { runtime: empty.pid }, effort.route);
    const measured = await load({
      kind: "flow",
      users: USERS,
      urls: empty.urls,
      secret: SANDBOX_SECRET,
      ...width,
    });
    const name = "its HTTP exchanges with empty handlers";
    return { name, lanes: LANES, measured, cpu: cpuEach(measured, {}) };
  } finally {
    await empty.stop();
  }
}
