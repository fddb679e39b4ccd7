// A reply by the deadline, whatever a port does.

import { unavailable } from "./problem.ts";

/**
 * Waits for `work` until `deadline` (epoch milliseconds). Work that goes on afterwards is not undone: commands are
 * idempotent, so the caller may ask again.
 * @throws {Problem} 503 `deadline_exceeded`.
 */
export async function withinDeadline<T>(deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable("deadline_exceeded", "The request took too long; try again.")),
      Math.max(0, deadline - Date.now()),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
