// A file that one process of the machine holds at a time, by SQLite's lock: the kernel frees what a killed process held.

import { DatabaseSync } from "node:sqlite";
import { until } from "./poll.ts";

/** Does `work` while nobody else holds `file`, and waits `withinMs` for that. @throws {Error} when it is not free by then. */
export async function holding<T>(file: string, withinMs: number, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(file);
  const taken = (): true => {
    lock.exec("BEGIN EXCLUSIVE");
    return true;
  };
  try {
    await until(`${file} is free`, taken, withinMs);
    return await work();
  } finally {
    lock.close();
  }
}
