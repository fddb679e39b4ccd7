// Node's cache of compiled code, which a process writes when it ends, unless it is killed. Without what was loaded last in it, the next
// start loads Node's TypeScript parser for it: 20 MB and more in each process.

import { flushCompileCache } from "node:module";

/** Milliseconds from the end of a start: some is loaded for the first report, the first heartbeat or the first page. */
const AFTER_MS = [1_000, 10_000, 60_000];

/** Writes what is compiled, once the start is over and some times later, which costs nothing when there is nothing new. Does not keep the process alive. */
export function keepCompiledCode(): void {
  for (const milliseconds of AFTER_MS) setTimeout(flushCompileCache, milliseconds).unref();
}
