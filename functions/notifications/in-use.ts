// Whether a deployment uses a feature at all: until somebody does, it costs one read a second in each process that asks.

/** Milliseconds for which a process believes that nobody in this deployment uses it. */
export const NOT_IN_USE_MS = 1_000;

/** Asks `read`, at most once a second and until it finds a use; `monotonic` are milliseconds of a clock that is never set. */
export function usedYet(read: () => Promise<boolean>, monotonic: () => number): () => Promise<boolean> {
  let used = false;
  let missingAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const begun = monotonic();
    used = await read();
    if (!used) missingAt = begun;
  }

  return async () => {
    if (!used && monotonic() - missingAt >= NOT_IN_USE_MS) {
      // Several ask at once, such as the parties of one event: one look is enough for all.
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
    return used;
  };
}
