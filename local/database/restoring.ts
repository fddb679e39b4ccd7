// The folder in which a restore makes its store. It is there for as long as the restore is not done.

import { access } from "node:fs/promises";
import { StartUpError } from "../shared/start-up-error.ts";

/** Where the store that is to be at `path` is made. */
export const restoringPath = (path: string): string => `${path}.restoring`;

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Whoever has begun a restore wants its data: without them the system would begin with empty tables.
 * @throws {StartUpError} when there are no data at `path`, since a restore into it was broken off.
 */
export async function requireRestored(path: string): Promise<void> {
  if ((await isThere(path)) || !(await isThere(restoringPath(path)))) return;
  throw new StartUpError(
    "restore_unfinished",
    `A restore into ${path} was broken off. Restore the backup again; or delete ${restoringPath(path)}, and give the folder database.before-… beside it, if there is one, the name database: these are the data of before.`,
  );
}
