// Errors of the operating system, distinguished by their code.

/** The code of a system error, such as ENOENT; empty for any other error. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Whether `error` says that a file or folder does not exist. */
export const isMissing = (error: unknown): boolean => codeOf(error) === "ENOENT";
