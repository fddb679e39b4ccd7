// Lines for standard output, collected for 50 ms, so that a request costs no system call.

const FLUSH_MS = 50;
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];

export interface OutputLines {
  /** Adds lines, which do not end in a line end. `lines` is called when they are written, so that no reply waits for what it does. */
  add(lines: () => string): void;
  /** Writes the waiting lines now. */
  flush(): void;
}

export function collectLines(out: (text: string) => void): OutputLines {
  let waiting: (() => string)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const all = waiting;
    waiting = [];
    out(all.map((lines) => `${lines()}\n`).join(""));
  }

  return {
    add(lines) {
      waiting.push(lines);
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    flush,
  };
}

/** Whether an entry of this level is logged where `level` is the lowest; none is where that is `silent`. */
export const isLogged = (at: string, level: string): boolean =>
  LEVELS.includes(level) && LEVELS.indexOf(at) >= LEVELS.indexOf(level);
