// A database in a process of its own, for a test to kill. Usage: node crash-child.ts FOLDER; prints its port.

import { startDatabase } from "./server.ts";

const database = await startDatabase({
  host: "127.0.0.1",
  port: 0,
  path: process.argv[2] ?? "",
  log: console.error,
});
console.log(database.port);
process.on("disconnect", () => process.exit());
