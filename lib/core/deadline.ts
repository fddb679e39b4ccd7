// Ends the wait for a command at the request's deadline, even if a port does not return.

import { unavailable } from "./domain-error.ts";
import type { Scope } from "./scope.ts";

/**
 * Starts `work` and waits for it until the scope's deadline; after the deadline it does not start it. At the deadline it
 * aborts the scope's signal, which ends reads. A command that is still running is not undone: commands are idempotent, so
 * the caller may repeat it.
 * @throws {DomainError} unavailable `deadline_exceeded`.
 */
export function withinDeadline<T>(
  scope: Pick<Scope, "deadline" | "abandon">,
  work: () => Promise<T>,
): Promise<T> {
  const tooLate = () => unavailable("deadline_exceeded", "The request took too long; try again.");
  const left = scope.deadline - performance.now();
  if (left <= 0) return Promise.reject(tooLate());
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    const reason = tooLate();
    reject(reason);
    scope.abandon(reason);
  }, left);
  // Not by `Promise.race`, whose promises were 1 % of a read.
  const end = (settle: () => void) => {
    clearTimeout(timer);
    settle();
  };
  try {
    work().then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
  } catch (error) {
    end(() => reject(error));
  }
  return promise;
}
