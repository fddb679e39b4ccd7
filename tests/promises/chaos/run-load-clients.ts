// A process full of clients of one registry; see load.ts. On any message it says how many changes its clients have got
// in all.

import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { loadConfig } from "../../../lib/config/env.ts";
import { createRegistry } from "../../../lib/discovery/index.ts";
import { loadNacos, onPackageError } from "../../../lib/nacos/package.ts";
import { endWithParent, readJob, send } from "../../support/parent.ts";
import { silentLog } from "../../support/silent-log.ts";

export type ClientKind = "instances" | "nacos" | "udp" | "v3";

export interface ClientsJob {
  readonly kind: ClientKind;
  readonly count: number;
  /** Of the registry on loopback. */
  readonly port: number;
}

export type FromClients = { readonly type: "ready" } | { readonly type: "changes"; readonly changes: number };

/** A client that is there once a second, as far as all others are concerned: their first requests do not coincide. */
const SPREAD_MS = 1_000;
const SERVICE = "LoadService";
/** One instance leaves or joins this often, and all subscribers get the change. */
const CHURN_MS = 2_000;
const RENEW_MS = 5_000;
const POLL_MS = 1_000;

const { kind, count, port } = readJob<ClientsJob>();
const server = `127.0.0.1:${port}`;
let changes = 0;

endWithParent();
process.on("message", () => send({ type: "changes", changes } satisfies FromClients));
process.on("unhandledRejection", () => {});

const start: Readonly<Record<ClientKind, (count: number) => Promise<void>>> = { instances, nacos, udp, v3 };
await start[kind](count);
send({ type: "ready" } satisfies FromClients);

/** Instances that beat every second as those of a sidecar do; one of them comes and goes. */
async function instances(wanted: number): Promise<void> {
  const registry = createRegistry(
    loadConfig({ NACOS_SERVER: server, SECRET_KEY: "x".repeat(32) }),
    silentLog,
  );
  const registration = (index: number) => ({
    service: SERVICE,
    host: "127.0.0.1",
    port: 20_000 + index,
    weight: 1,
    metadata: { instance: `instance-${index}`, version: "0.1.0", stage: "dev" },
  });
  for (let index = 0; index < wanted; index += 1) await registry.register(registration(index));
  void (async () => {
    const last = registration(wanted - 1);
    for (;;) {
      await sleep(CHURN_MS);
      await registry.deregister(last).catch(() => {});
      await sleep(CHURN_MS);
      await registry.register(last).catch(() => {});
    }
  })();
}

/** Unmodified clients of the `nacos` package. */
async function nacos(wanted: number): Promise<void> {
  const { NacosNamingClient } = await loadNacos();
  await each(wanted, async () => {
    const client = new NacosNamingClient({ logger: silentLog, serverList: server, namespace: "public" });
    onPackageError(client, () => {});
    await client.ready();
    client.subscribe({ serviceName: SERVICE }, () => {
      changes += 1;
    });
  });
}

/** What a client in any other language does: subscribes with its UDP port, and gets pushes. */
async function udp(wanted: number): Promise<void> {
  await each(wanted, async () => {
    const socket = createSocket("udp4");
    socket.on("message", (datagram) => {
      const text = datagram[0] === 0x1f ? gunzipSync(datagram) : datagram;
      if (text.includes(SERVICE)) changes += 1;
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const query = `serviceName=DEFAULT_GROUP%40%40${SERVICE}&clusters=&udpPort=${socket.address().port}`;
    void again(RENEW_MS, () => get(`/nacos/v1/ns/instance/list?${query}`));
  });
}

/** Clients of the v3 API, which is polled. */
async function v3(wanted: number): Promise<void> {
  await each(wanted, async () => {
    const query = `serviceName=${SERVICE}&groupName=DEFAULT_GROUP&namespaceId=public`;
    let before = 0;
    void again(POLL_MS, async () => {
      const listed = (await get(`/nacos/v3/client/ns/instance/list?${query}`)).split('"ip"').length;
      if (listed !== before) changes += 1;
      before = listed;
    });
  });
}

async function each(wanted: number, begin: () => Promise<void>): Promise<void> {
  for (let index = 0; index < wanted; index += 1) {
    await begin();
    await sleep(SPREAD_MS / wanted);
  }
}

async function again(everyMs: number, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    await work().catch(() => {});
    await sleep(everyMs);
  }
}

async function get(path: string): Promise<string> {
  const reply = await fetch(`http://${server}${path}`);
  return reply.text();
}
