// For tests: the parts of a registry that its gRPC shares with HTTP, at a time that stands still.

import { join } from "node:path";
import { silentLog } from "../../../tests/support/silent-log.ts";
import { ConfigFiles } from "../config-files.ts";
import { ConfigStore } from "../config-store.ts";
import { ListReplies } from "../list-reply.ts";
import { ServiceTable } from "../service-table.ts";
import type { RegistryParts } from "./grpc-services.ts";

/** @param folder for published configurations. */
export async function testParts(folder: string): Promise<RegistryParts> {
  const clock = () => 0;
  return {
    table: new ServiceTable({ clock }),
    replies: new ListReplies(clock),
    configs: await ConfigStore.open(new ConfigFiles(join(folder, "configs"), silentLog), clock, () => {}),
    clock,
    check: () => {},
    log: silentLog,
  };
}
