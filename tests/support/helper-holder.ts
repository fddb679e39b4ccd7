// Database, registry and mail catcher in a process of their own, for runtimes that do not start them.

import { join } from "node:path";
import { Child } from "./child.ts";

export type HelperHolder = Child<{ readonly type: "ready" }>;

/** Begins it with `env`, a whole environment; it says `ready` when all of them can be used, and ends with this process. */
export const holdHelper = (env: NodeJS.ProcessEnv): HelperHolder =>
  new Child(join(import.meta.dirname, "run-helper-holder.ts"), {}, { env });
