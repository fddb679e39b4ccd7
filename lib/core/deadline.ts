// A reply by the deadline, whatever a port does.

import { unavailable } from "./domain-error.ts";

/**
 * Does `work` and waits for it until `deadline` (monotonic milliseconds, by `performance.now()`); does not begin it after that. Work that goes on
 * afterwards is not undone: commands are idempotent, so the caller may ask again.
 * @throws {DomainError} unavailable `deadline_exceeded`.
 */
export async function withinDeadline<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  const tooLate = () => unavailable("deadline_exceeded", "The request took too long; try again.");
  const left = deadline - performance.now();
  if (left <= 0) throw tooLate();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), left);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
