// What rows of the history are made of: ids that are times of arrival, levels as numbers, and values that SQLite gives back as anything.

/** Rows of one millisecond. */
const PER_MS = 1_024;

export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** The smallest id of a row that is added at `time`. */
export const firstIdAt = (time: number): number => Math.floor(time) * PER_MS;

/** When the row with the id was added. */
export const timeOfId = (id: number): number => Math.floor(id / PER_MS);

export const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
export const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
