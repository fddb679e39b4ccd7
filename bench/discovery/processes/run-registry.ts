// The embedded registry in a process of its own, to be killed.

import { pino } from "pino";
import { startRegistry } from "../../../local/registry/server.ts";
import { wallClock } from "../clock.ts";
import { endWithParent, readJob, tell } from "./job.ts";

endWithParent();
const { port, dataDir } = readJob<{ readonly port: number; readonly dataDir: string }>();
const server = await startRegistry({ host: "127.0.0.1", port, dataDir, log: pino({ level: "silent" }) });
tell({ type: "listening", port: server.port, at: wallClock() });
