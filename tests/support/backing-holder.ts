// Holds a lease on the helper with database, registry and mail catcher, and starts it again when it dies, as a runtime
// does: so that these live on while every runtime is killed. Settings come from the environment; says "ready" once.

import { keepBacking } from "../../local/runtime/backing-keeper.ts";
import { prepareEnvironment } from "../../local/runtime/environment.ts";

const keeper = keepBacking(prepareEnvironment(process.env), () => {});
await keeper.ready;
console.log("ready");
// Whoever started this one has ended.
process.stdin.on("end", () => process.exit()).resume();
