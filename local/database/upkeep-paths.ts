// Where the embedded database is asked for what is none of DynamoDB's operations. Alone: commands that ask run without its packages.

/** Where a backup is read, by GET. */
export const BACKUP_PATH = "/backup";

/** Where the files are cleaned of what was overwritten or deleted, by PUT. */
export const COMPACTION_PATH = "/compaction";
