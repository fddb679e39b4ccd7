// The load of the benchmark, in small: every subscriber is told every change, by either API, and no request fails.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EmbeddedRegistry } from "../../tests/support/embedded-registry.ts";
import { listedHosts } from "../../tests/support/registry-list.ts";
import { type Load, startLoad } from "./load.ts";

const SMALL = { instances: 12, subscribers: 10, services: 3, spreadMs: 0 };
/** A subscriber by HTTP polls before, should a datagram be lost. */
const WITHIN_MS = 60_000;

let registry: EmbeddedRegistry;
let load: Load;
beforeAll(async () => {
  registry = await EmbeddedRegistry.startWithGrpc();
  const { port, grpcPort } = registry;
  load = await startLoad({ ...SMALL, sidecars: true, port, grpcPort });
});
afterAll(async () => {
  await load?.close();
  await registry?.close();
});

test("each service has its part of the instances", async () => {
  const sizes = [0, 1, 2].map(async (index) => {
    const hosts = await listedHosts(`http://${registry.address}`, `service-${index}`);
    return hosts.filter(({ healthy }) => healthy).length;
  });
  expect(await Promise.all(sizes)).toEqual([4, 4, 4]);
});

test("every subscriber is told every change", async () => {
  for (let change = 0; change < 3; change += 1) {
    const times = await load.change(WITHIN_MS);
    expect(times).toHaveLength(SMALL.subscribers);
    expect(times.filter((time) => time < WITHIN_MS)).toHaveLength(SMALL.subscribers);
  }
  expect(load.errors).toEqual([]);
});
