// Waiting with a time limit.

/** Resolves when `work` is done (it must not reject), after `milliseconds`, or when `signal` is aborted. */
export async function waitAtMost(
  milliseconds: number,
  work: Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, Math.max(0, milliseconds));
  signal?.addEventListener("abort", end);
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}
