// Holds a lease on the helper with database, registry and mail catcher, and starts it again when it dies, as a runtime
// does: so that these live on while every runtime is killed. Settings come from the environment.

import { prepareEnvironment } from "../../local/runtime/environment.ts";
import { keepHelper } from "../../local/runtime/helper-keeper.ts";
import { endWithParent, send } from "./parent.ts";

endWithParent();
await keepHelper(prepareEnvironment(process.env), () => {}).ready;
send({ type: "ready" });
