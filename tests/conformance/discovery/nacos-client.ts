// A stranger's program: the `nacos` package as npm installs it, nothing of ours around it. Prints what it saw as JSON.
// usage: node nacos-client.ts HOST:PORT

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadNacos } from "../../../lib/nacos/package.ts";
import { until } from "../../support/poll.ts";

const GROUP = "DEFAULT_GROUP";
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const [serverAddr = "", name = `svc-${process.pid}-${Date.now()}`] = process.argv.slice(2);

const { NacosNamingClient, NacosConfigClient } = await loadNacos();
const report = { naming: await naming(), configuration: await configuration() };
process.stdout.write(`${JSON.stringify(report)}\n`);
// The package keeps timers after it was closed.
process.exit(0);

async function naming() {
  const open = (namespace = "public") => new NacosNamingClient({ logger, serverList: serverAddr, namespace });
  const [registrar, subscriber, elsewhere] = [open(), open(), open("other")];
  await Promise.all([registrar.ready(), subscriber.ready(), elsewhere.ready()]);

  const pushed: string[] = [];
  subscriber.subscribe({ serviceName: name, groupName: GROUP, clusters: "DEFAULT" }, (hosts) => {
    pushed.push(
      hosts
        .map(({ port }) => port)
        .sort()
        .join(","),
    );
  });
  // It queries at once, 1 s later, and then every 10 s. What comes after those two was pushed; an empty list is not passed on.
  await sleep(2_000);

  const one = { ip: "127.0.0.1", port: 7001, weight: "2.5", metadata: { instance: "one" } };
  const two = { ip: "127.0.0.1", port: 7002, healthy: false };
  const registeredAt = performance.now();
  await registrar.registerInstance(name, one, GROUP);
  await until("it is pushed", () => pushed.at(-1) === "7001");
  const pushedAfterMs = Math.round(performance.now() - registeredAt);
  await registrar.registerInstance(name, two, GROUP);
  await until("it is pushed", () => pushed.at(-1) === "7001,7002");

  const all = await registrar.getAllInstances(name, GROUP, "DEFAULT", false);
  const selected = await registrar.selectInstances(name, GROUP, "DEFAULT", true, false);
  const known = await subscriber.getAllInstances(name, GROUP, "DEFAULT");
  const other = await elsewhere.getAllInstances(name, GROUP, "DEFAULT", false);
  await registrar.deregisterInstance(name, two, GROUP);
  await until("it is pushed", () => pushed.at(-1) === "7001");
  await registrar.deregisterInstance(name, one, GROUP);
  return {
    pushed: pushed.filter((ports) => ports !== ""),
    pushedAfterMs,
    all: all
      .map(({ port, weight, metadata }) => ({ port, weight, metadata }))
      .sort((a, b) => a.port - b.port),
    selected: selected.map(({ port }) => port),
    known: known.map(({ port }) => port).sort(),
    other: other.length,
  };
}

async function configuration() {
  const cacheDir = await mkdtemp(join(tmpdir(), "cfmp-nacos-cache-"));
  try {
    const client = new NacosConfigClient({ serverAddr, cacheDir });
    client.on("error", () => {});
    const dataId = `cfg-${name}`;
    const seen: (string | null)[] = [];
    const missing = await client.getConfig(dataId, GROUP);
    await client.publishSingle(dataId, GROUP, "one 一");
    await until("it is so", async () => (await client.getConfig(dataId, GROUP)) === "one 一");
    client.subscribe({ dataId, group: GROUP }, (content) => seen.push(content));
    await until("it is seen", () => seen.length > 0);
    await client.publishSingle(dataId, GROUP, '{"n":2}', { type: "json" });
    await until("it is seen", () => seen.length > 1);
    await client.remove(dataId, GROUP);
    await until("it is so", async () => !(await client.getConfig(dataId, GROUP)));
    return { missing, seen: seen.filter((content) => content !== null) };
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}
