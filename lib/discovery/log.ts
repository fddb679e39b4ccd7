// What discovery needs of a logger: four levels of pino's.

import type { Logger } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;
