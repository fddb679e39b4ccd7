// The `nacos` package as npm installs it, in a process of its own: what it needs of a registry.

import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as z from "zod";
import { freePorts } from "../../support/free-ports.ts";
import { mustRun } from "../../support/run.ts";
import { openRegistry, registryName } from "./registry-under-test.ts";

const report = z.object({
  naming: z.looseObject({ pushedAfterMs: z.number() }),
  configuration: z.unknown(),
});
const { address } = await openRegistry();
const program = join(import.meta.dirname, "nacos-client.ts");

test(`the unmodified client on ${registryName} registers, subscribes and gets pushes, lists and selects; publishes, reads, watches and removes a configuration`, async () => {
  // All processes of a machine that use its configuration client meet at one port, unless they are given different ones.
  const [port] = await freePorts(1);
  const env = { ...process.env, NODE_CLUSTER_CLIENT_PORT: String(port) };
  const stdout = await mustRun(process.execPath, [program, address], { env });
  const { naming, configuration } = report.parse(JSON.parse(stdout));
  expect(naming).toEqual({
    pushed: ["7001", "7001,7002", "7001"],
    pushedAfterMs: expect.any(Number),
    all: [
      { port: 7001, weight: 2.5, metadata: { instance: "one" } },
      { port: 7002, weight: 1, metadata: {} },
    ],
    selected: [7001],
    known: [7001, 7002],
    other: 0,
  });
  // Without a push it would have queried within 10 s.
  expect(naming.pushedAfterMs).toBeLessThan(5_000);
  expect(configuration).toEqual({ missing: null, seen: ["one 一", '{"n":2}'] });
});
