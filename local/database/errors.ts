// What can keep the embedded database from starting, and from working.

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

/** Nothing can be written, or read, at the moment; nothing was. `message` says why, without a path. */
export class DatabaseUnavailable extends Error {
  constructor(writeFailure: string) {
    super(writeFailure);
    this.name = "DatabaseUnavailable";
  }
}
