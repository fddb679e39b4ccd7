// Timers that share a wake-up: of a process that is nearly idle, waking up is most of what it costs.

const SECOND_MS = 1_000;
/** By how much a timer may be early, in milliseconds. */
const EARLY_MS = 20;
/** What sums of times may differ by. */
const ROUNDING_MS = 0.001;

/** The next whole second, in milliseconds of `performance.now()`: for what is to be done about once a second, all of it at the same time. */
export const nextSecond = (now: number): number => Math.floor((now + EARLY_MS) / SECOND_MS + 1) * SECOND_MS;

const waiting = new Map<number, { readonly timer: NodeJS.Timeout; readonly calls: Set<() => void> }>();

export interface CallOptions {
  /** Whether the wait keeps the process alive; true when left out. */
  readonly keepsAlive?: boolean;
}

/**
 * Calls `run` at `time`, in milliseconds of `performance.now()`, or up to a millisecond later where the process is not busy. What is to be
 * called within the same millisecond is called in the same turn of the event loop. @returns a function that takes the call back.
 */
export function callAt(time: number, run: () => void, { keepsAlive = true }: CallOptions = {}): () => void {
  const at = Math.ceil(time - ROUNDING_MS);
  const due = waiting.get(at) ?? open(at);
  // A call of its own, since the same function may be given twice.
  const call = () => run();
  due.calls.add(call);
  if (keepsAlive) due.timer.ref();
  return () => {
    due.calls.delete(call);
    if (due.calls.size > 0 || waiting.get(at) !== due) return;
    waiting.delete(at);
    clearTimeout(due.timer);
  };
}

function open(at: number) {
  const calls = new Set<() => void>();
  const timer = setTimeout(
    () => {
      waiting.delete(at);
      for (const call of calls) call();
    },
    Math.max(0, Math.ceil(at - performance.now())),
  ).unref();
  const due = { timer, calls };
  waiting.set(at, due);
  return due;
}
