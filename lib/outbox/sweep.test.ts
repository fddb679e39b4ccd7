import { expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type SweepPositions, type SweepSources, sweepShards } from "./sweep.ts";

/** Shards with so many overdue aggregates each; range keys are their numbers. */
function shards(sizes: Readonly<Record<string, number>>, failing: (id: string) => boolean = () => false) {
  const performed: string[] = [];
  const unreadable: unknown[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const key = (no: number) => String(no).padStart(6, "0");
  const sources: SweepSources = {
    async due(shard, limit, after) {
      const size = sizes[shard];
      if (size === undefined) throw new Error(`no shard ${shard}`);
      const first = after === undefined ? 0 : Number(after) + 1;
      const numbers = Array.from({ length: Math.min(limit, size - first) }, (_, at) => first + at);
      const last = numbers.at(-1);
      return {
        items: numbers.map((no) => `${shard}/${no}`),
        next: last !== undefined && last + 1 < size ? key(last) : undefined,
      };
    },
    async perform(id) {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await new Promise((done) => setImmediate(done));
      atOnce -= 1;
      performed.push(id);
      return !failing(id);
    },
    unreadable: (error) => void unreadable.push(error),
  };
  return { sources, performed, unreadable, mostAtOnce: () => mostAtOnce };
}

const from = (...names: string[]): SweepPositions => Object.fromEntries(names.map((name) => [name, ""]));

/** Says yes so many times. */
const times = (count: number) => {
  let left = count;
  return () => {
    left -= 1;
    return left >= 0;
  };
};

test("a sweep with time enough ends every shard, with a bounded number at once", async () => {
  const { sources, performed, mostAtOnce } = shards({ a: 3_000, b: 10, c: 0, d: 977 });
  const swept = await sweepShards(sources, from("a", "b", "c", "d"), () => true);
  expect(swept).toEqual({ count: 3_987, left: {} });
  expect(new Set(performed).size).toBe(3_987);
  expect(performed).toHaveLength(3_987);
  expect(mostAtOnce()).toBeLessThanOrEqual(200);
});

test("84 shards are swept eight at once", async () => {
  const names = Array.from({ length: 84 }, (_, shard) => `s${shard}`);
  const { sources, performed, mostAtOnce } = shards(Object.fromEntries(names.map((name) => [name, 60])));
  await sweepShards(sources, from(...names), () => true);
  expect(new Set(performed).size).toBe(84 * 60);
  expect(mostAtOnce()).toBe(200);
});

test("when time is up it says where to go on, and what goes on there does the rest, each once", async () => {
  const { sources, performed } = shards({ a: 500, b: 40, c: 300 });
  let { left } = await sweepShards(sources, from("a", "b", "c"), times(4));
  expect(performed.length).toBeLessThan(840);
  for (let runs = 0; Object.keys(left).length > 0; runs += 1) {
    expect(runs).toBeLessThan(20);
    ({ left } = await sweepShards(sources, left, times(2)));
  }
  expect(performed).toHaveLength(840);
  expect(new Set(performed).size).toBe(840);
});

test("a run that has no time at all still does a page, so that a chain of runs gets on", async () => {
  const { sources, performed } = shards({ a: 60 });
  const { left } = await sweepShards(sources, from("a"), () => false);
  expect(performed).toHaveLength(25);
  expect(left).toEqual({ a: "000024" });
});

test("a small shard does not wait for the end of large ones", async () => {
  const names = Array.from({ length: 8 }, (_, shard) => `large${shard}`);
  const { sources, performed } = shards({
    ...Object.fromEntries(names.map((name) => [name, 1_000])),
    small: 1,
  });
  await sweepShards(sources, from(...names, "small"), () => true);
  expect(performed.indexOf("small/0")).toBeLessThan(1_000);
});

test("a shard that can't be read keeps no other from being swept, and is reported", async () => {
  const { sources, performed, unreadable } = shards({ a: 30 });
  const swept = await sweepShards(sources, from("none", "a"), () => true);
  expect(performed).toHaveLength(30);
  expect(unreadable).toHaveLength(1);
  expect(swept.left).toEqual({});
});

test("what stays overdue does not make a sweep endless: a shard is left after 500 failures, and where is said", async () => {
  const { sources, performed } = shards({ a: 2_000, b: 100 }, (id) => id.startsWith("a/"));
  const swept = await sweepShards(sources, from("a", "b"), () => true);
  expect(swept).toMatchObject({ count: 600, left: { a: "000499" } });
  expect(performed.filter((id) => id.startsWith("b/"))).toHaveLength(100);
});

test("with patience, what takes long keeps no other page waiting, and is done when the sweep ends", async () => {
  const { sources, performed } = shards({ a: 120 }, (id) => id === "a/3");
  const slow = Promise.withResolvers<void>();
  const perform = async (id: string) => {
    if (id === "a/0") await slow.promise;
    return sources.perform(id);
  };
  let ended = false;
  const sweep = sweepShards({ ...sources, perform, patienceMs: 1 }, from("a"), () => true).then((swept) => {
    ended = true;
    return swept;
  });
  await until("all others are done", () => performed.length === 119);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ended).toBe(false);
  slow.resolve();
  expect(await sweep).toEqual({ count: 120, left: {} });
  expect(performed.at(-1)).toBe("a/0");
});

test("with patience, no more than a bounded number is under way", async () => {
  const { sources, performed } = shards({ a: 2_000 });
  const slow = Promise.withResolvers<void>();
  let begun = 0;
  const perform = async (id: string) => {
    begun += 1;
    await slow.promise;
    return sources.perform(id);
  };
  const sweep = sweepShards({ ...sources, perform, patienceMs: 1 }, from("a"), () => true);
  await until("as many as may be are under way", () => begun >= 225);
  slow.resolve();
  await sweep;
  expect(new Set(performed).size).toBe(2_000);
});
