// What runs next, and what time it is: a queue of events in virtual time. No thread, no timer, no socket.

/** A running service: what it owes dies with it. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** How far its clock is from the true one, in milliseconds. */
  skew: number;
}

/** An event that can be called off. */
export interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly owner: Process | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

export class Scheduler {
  /** The true time, in epoch milliseconds. */
  now: number;
  /** Whose code runs at the moment; undefined: nobody's, such as the network's or a user's. */
  current: Process | undefined;
  readonly #queue: Scheduled[] = [];
  #made = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** The time on the clock of the process that runs. */
  clock(): number {
    return this.now + (this.current?.skew ?? 0);
  }

  /** Runs `run` in `delay` milliseconds, unless `owner` is dead by then. Events of one time run in the order of their making. */
  after(delay: number, owner: Process | undefined, run: () => void): Scheduled {
    this.#made += 1;
    const event = { at: this.now + Math.max(0, delay), order: this.#made, owner, run, cancelled: false };
    push(this.#queue, event);
    return event;
  }

  /** Waits in virtual time; for code that is no process's. */
  pause(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, undefined, resolve));
  }

  /** Runs events until none is left, or `done` says so. Returns how many it ran. */
  async run(done: () => boolean = () => false): Promise<number> {
    let ran = 0;
    for (let event = pop(this.#queue); event !== undefined; event = pop(this.#queue)) {
      if (event.cancelled || event.owner?.alive === false) continue;
      if (event.at > this.now) this.now = event.at;
      this.current = event.owner;
      event.run();
      await quiet();
      ran += 1;
      if (done()) break;
    }
    this.current = undefined;
    return ran;
  }
}

/**
 * Resolves when no promise has anything left to do. A tick that the last microtask requests runs only when the
 * queue of microtasks is empty, and it costs no turn of the event loop.
 */
const quiet = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(() => resolve())));

const before = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap: nothing in a history happens more often. */
function push(heap: Scheduled[], event: Scheduled): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || before(above, event)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Scheduled[]): Scheduled | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const useRight = right !== undefined && before(right, left);
    const child = useRight ? right : left;
    if (before(last, child)) break;
    heap[at] = child;
    at = 2 * at + (useRight ? 2 : 1);
  }
  heap[at] = last;
  return first;
}
