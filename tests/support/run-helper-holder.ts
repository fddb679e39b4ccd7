// Holds a lease on the helper with database, registry and mail catcher, and starts it again when it dies, as a runtime
// does: so that these live on while every runtime is killed. Settings come from the environment.

import { keepBacking } from "../../local/runtime/backing-keeper.ts";
import { prepareEnvironment } from "../../local/runtime/environment.ts";
import { endWithParent, tell } from "./parent.ts";

endWithParent();
await keepBacking(prepareEnvironment(process.env), () => {}).ready;
tell({ type: "ready" });
