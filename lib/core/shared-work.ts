// Work that several callers need at once is done once: for each key one run at a time, and one that waits for it.

interface Run<T> {
  readonly result: Promise<T>;
  readonly ended: AbortController;
  begun: boolean;
  callers: number;
}

/** Shares the results of work by key. A key without work takes no room. */
export class SharedWork<T> {
  /** The last run of each key: under way, or waiting for the one before it. */
  readonly #last = new Map<string, Run<T>>();

  /**
   * The result of `work` for `key`, begun after this call, so that it shows what its caller has written before. Calls that
   * come before it begins share it; a call that comes while it runs gets the result of the next run. Rejects with the reason
   * of `signal` once that is aborted; `work` is aborted, or not begun, when no caller waits for it any more.
   */
  async do(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const run = this.#waiting(key) ?? this.#add(key, work);
    const { promise: gaveUp, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    run.callers += 1;
    try {
      return await Promise.race([run.result, gaveUp]);
    } finally {
      signal.removeEventListener("abort", giveUp);
      run.callers -= 1;
      if (run.callers === 0) run.ended.abort();
    }
  }

  /** Keys that have work. */
  get size(): number {
    return this.#last.size;
  }

  #waiting(key: string): Run<T> | undefined {
    const last = this.#last.get(key);
    return last === undefined || last.begun || last.ended.signal.aborted ? undefined : last;
  }

  #add(key: string, work: (signal: AbortSignal) => Promise<T>): Run<T> {
    const before = this.#last.get(key)?.result;
    const ended = new AbortController();
    const begin = async (): Promise<T> => {
      await before?.catch(() => {});
      run.begun = true;
      ended.signal.throwIfAborted();
      return work(ended.signal);
    };
    const run: Run<T> = { result: Promise.resolve().then(begin), ended, begun: false, callers: 0 };
    this.#last.set(key, run);
    const forget = () => {
      if (this.#last.get(key) === run) this.#last.delete(key);
    };
    run.result.then(forget, forget);
    return run;
  }
}
