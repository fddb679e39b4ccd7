import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { prefetch } from "./prefetch.ts";
import { Resolver } from "./resolver.ts";
import { ServiceEntry } from "./service-entry.ts";

/** A resolver whose registry refuses the first `refused` queries for each service. */
const resolverThatIs = (refused: number) => {
  const entries = new Map<string, ServiceEntry>();
  const queries = new Map<string, number>();
  const peek = (service: string) => {
    const entry = entries.get(service) ?? new ServiceEntry();
    entries.set(service, entry);
    return entry;
  };
  return {
    queries,
    peek,
    async refresh(service: string) {
      const count = (queries.get(service) ?? 0) + 1;
      queries.set(service, count);
      const entry = peek(service);
      entry.outdated = count <= refused;
      entry.known ||= !entry.outdated;
    },
  };
};

describe("fetching lists before they are needed", () => {
  test("queries each service once where the registry answers, and again where it does not", async () => {
    const willing = resolverThatIs(0);
    await prefetch(willing, ["A", "B"], 60_000);
    expect(Object.fromEntries(willing.queries)).toEqual({ A: 1, B: 1 });
    const failing = resolverThatIs(2);
    await prefetch(failing, ["A"], 60_000);
    expect(failing.queries.get("A")).toBe(3);
  });

  test("a list of the snapshot does not count: the registry has not confirmed it", async () => {
    const resolver = resolverThatIs(0);
    Object.assign(resolver.peek("A"), { known: true, outdated: true });
    await prefetch(resolver, ["A"], 60_000);
    expect(resolver.queries.get("A")).toBe(1);
  });

  test("the snapshot of an earlier process is not used, nor warned of, where the registry answers", async () => {
    const instance = (port: number) => ({
      service: "A",
      host: "127.0.0.1",
      port,
      weight: 1,
      healthy: true,
      enabled: true,
      metadata: {},
    });
    const logged: string[] = [];
    const resolver = new Resolver({
      registry: { list: async () => [instance(2)], watch: () => () => {} },
      isAlive: async () => false,
      snapshots: {
        read: () => ({ instances: [instance(1)], ageMs: 1_000 }),
        save: () => {},
        close: async () => {},
      },
      frozen: false,
      log: pino({ level: "warn" }, { write: (line: string) => void logged.push(line) }),
      clock: () => 0,
      random: () => 0.5,
    });
    await prefetch(resolver, ["A"], 60_000);
    expect(resolver.peek("A").endpoints.map((endpoint) => endpoint.instance.port)).toEqual([2]);
    expect(logged).toEqual([]);
    resolver.close();
  });

  test("ends in time, and stops its queries, when the registry never answers", async () => {
    const failing = resolverThatIs(Number.POSITIVE_INFINITY);
    const pause = Promise.withResolvers<void>();
    await prefetch(failing, ["A"], 50, () => pause.promise);
    expect(failing.queries.get("A")).toBe(1);
    pause.resolve();
    // All that follows the end of the pause is done then.
    await new Promise(setImmediate);
    expect(failing.queries.get("A")).toBe(1);
    await prefetch({ ...failing, refresh: () => new Promise<void>(() => {}) }, ["A"], 50);
  });
});
