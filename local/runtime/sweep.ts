// The local sweep: invokes each service's relays, as a schedule does on AWS, and at once when the embedded database announces
// that something is due.

/** Milliseconds between sweeps of a database that announces nothing. */
const EVERY_MS = 2_000;
/** Milliseconds between sweeps beside announcements, in case one was lost. */
const ANNOUNCED_EVERY_MS = 60_000;

/** What a service has for the sweep. */
export interface Swept {
  /** Keys of the functions to invoke. */
  readonly relays: readonly string[];
  /** Names of its tables in the database. */
  readonly tables: readonly string[];
}

export interface SweepPorts {
  /** Must not throw. */
  readonly invoke: (key: string, payload: object) => Promise<void>;
  /** Whether the database announces what is due at present; it may change with each call. */
  readonly announced: () => boolean;
}

export interface Sweep {
  /** Invokes the relays of the services that have one of these tables. */
  due(tables: readonly string[]): void;
  stop(): void;
}

/**
 * Invokes the relays of all `services` at once, and again every 2 s; every 60 s while the database announces what is due.
 * A relay that still runs is skipped.
 */
export function startSweep(services: readonly Swept[], { invoke, announced }: SweepPorts): Sweep {
  const running = new Set<string>();
  let stopped = false;
  let sweptAt = performance.now();

  function sweep(relays: readonly string[]): void {
    for (const key of relays) {
      if (running.has(key)) continue;
      running.add(key);
      void invoke(key, { sweep: true }).finally(() => running.delete(key));
    }
  }

  function sweepAll(): void {
    sweptAt = performance.now();
    for (const { relays } of services) sweep(relays);
  }

  sweepAll();
  const timer = setInterval(() => {
    if (!announced() || performance.now() - sweptAt >= ANNOUNCED_EVERY_MS) sweepAll();
  }, EVERY_MS);
  return {
    due(tables) {
      if (stopped) return;
      for (const service of services) {
        if (service.tables.some((table) => tables.includes(table))) sweep(service.relays);
      }
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
