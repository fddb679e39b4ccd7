// The embedded registry in a process of its own, to be killed or measured.

import { startRegistry } from "../../local/registry/server.ts";
import { endWithParent, readJob, send } from "./parent.ts";
import { silentLog } from "./silent-log.ts";

export interface RegistryJob {
  /** 0: one that is free. */
  readonly port: number;
  readonly dataDir: string;
}

/** `at`: epoch milliseconds. */
export type FromRegistry = { readonly type: "listening"; readonly port: number; readonly at: number };

endWithParent();
const { port, dataDir } = readJob<RegistryJob>();
const server = await startRegistry({ host: "127.0.0.1", port, dataDir, log: silentLog });
send({
  type: "listening",
  port: server.port,
  at: performance.timeOrigin + performance.now(),
} satisfies FromRegistry);
