// A reply by the deadline, whatever a port does.

import { unavailable } from "./domain-error.ts";
import type { Scope } from "./scope.ts";

/**
 * Does `work` and waits for it until the scope's deadline; does not begin it after that. The scope's signal is aborted
 * then: reads end by it. A command that goes on is not undone: commands are idempotent, so the caller may ask again.
 * @throws {DomainError} unavailable `deadline_exceeded`.
 */
export async function withinDeadline<T>(
  scope: Pick<Scope, "deadline" | "abandon">,
  work: () => Promise<T>,
): Promise<T> {
  const tooLate = () => unavailable("deadline_exceeded", "The request took too long; try again.");
  const left = scope.deadline - performance.now();
  if (left <= 0) throw tooLate();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = tooLate();
      reject(reason);
      scope.abandon(reason);
    }, left);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
