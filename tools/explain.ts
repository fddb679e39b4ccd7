// What went wrong with a command, in words for whoever typed it.

import { messageOf } from "../lib/core/failure-text.ts";
import { StorageFault, StorageUnavailable } from "../lib/storage/errors.ts";

/** One line for people; `address` is the database's, where it was opened. */
export function explained(error: unknown, address: string): string {
  if (error instanceof StorageUnavailable)
    return `The database at ${address} does not answer. Is the system running? See DB_HOST in .env.`;
  if (error instanceof StorageFault && error.reason === "ResourceNotFoundException")
    return "The database has no such tables. Is DB_NAME in .env the running system's?";
  return messageOf(error);
}
