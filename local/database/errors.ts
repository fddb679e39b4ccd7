// Errors of the embedded database, at start and while it runs.

export type DatabaseStartErrorCode =
  | "database_path_locked"
  | "database_path_unusable"
  | "database_corrupt"
  | "database_incomplete"
  | "database_port_in_use";

/** The embedded database could not start; the message names the cause and what to do about it. */
export class DatabaseStartError extends Error {
  readonly code: DatabaseStartErrorCode;

  constructor(code: DatabaseStartErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseStartError";
    this.code = code;
  }
}

/** The database can't be written or read now; the request had no effect. `message` gives the reason, without a path. */
export class DatabaseUnavailable extends Error {
  constructor(writeFailure: string) {
    super(writeFailure);
    this.name = "DatabaseUnavailable";
  }
}
