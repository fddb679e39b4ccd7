// The embedded registry in a process of its own, so that its CPU and memory can be read. Started by load.ts: DATA_DIR.

import { startRegistry } from "../../../local/registry/server.ts";

const [, , dataDir = ""] = process.argv;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

process.on("disconnect", () => process.exit(0));
const { port } = await startRegistry({ host: "127.0.0.1", port: 0, dataDir, log: silent });
process.send?.({ port });
