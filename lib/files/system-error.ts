/** The code of the system's error, such as ENOENT; empty for others. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Whether there is no such file or folder. */
export const isMissing = (error: unknown): boolean => codeOf(error) === "ENOENT";
