// The registry is away for a minute while services are restarted: calls go on. Then it is back, knowing nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { freePorts } from "../../support/free-ports.ts";
import { shop } from "../../support/shop.ts";
import { watchStalls } from "../../support/stalls.ts";
import { FLOW_RATE, type FleetScenario } from "./chaos.ts";
import type { Checks } from "./checks.ts";
import { countingProxy } from "./counting-proxy.ts";
import { Driver } from "./driver.ts";
import { Fleet, type Member } from "./fleet.ts";
import { judgeAttempts, judgeCalls } from "./judge.ts";

const BACK_WITHIN_MS = 5_000;
const STORM_MS = 10_000;
/** Callers find out by probes who answers at an address now; until then nobody else is restarted. */
const REST_MS = 4_000;
const COUNTED_MS = 5_000;

/** `seconds`: how long the registry is away. */
export async function registryDown(scenario: FleetScenario): Promise<void> {
  const { seconds, instances, rate, checks, say } = scenario;
  const stalls = watchStalls();
  const [port = 0, behind = 0] = await freePorts(2);
  const registry = await EmbeddedRegistry.start(behind);
  const proxy = await countingProxy(port, behind);
  let fleet: Fleet | undefined;
  let driver: Driver | undefined;
  try {
    const running = await Fleet.start(instances, {
      NACOS_SERVER: `127.0.0.1:${port}`,
      EMBEDDED_REGISTRY: "off",
    });
    fleet = running;
    const calling = await Driver.start(running.system.env, { rate, flowRate: FLOW_RATE });
    driver = calling;
    proxy.reset();
    await sleep(COUNTED_MS);
    const usual = proxy.counts();

    say(`the registry is away for ${seconds} s`);
    await Promise.all([proxy.mode("refusing"), registry.stop()]);
    const back = performance.now() + seconds * 1_000;
    const restarts = await restartInTurn(running, back - COUNTED_MS, say);
    await paidBy(running, checks);
    await sleep(Math.max(0, back - COUNTED_MS - performance.now()));
    await proxy.mode("resetting");
    proxy.reset();
    await sleep(COUNTED_MS);
    const away = proxy.counts();

    await registry.restart();
    proxy.reset();
    await proxy.mode("open");
    const opened = performance.now();
    say("the registry is back, and empty");
    const wrong = await running.converged(BACK_WITHIN_MS + stalls()).then(() => undefined, messageOf);
    const tookMs = Math.round(performance.now() - opened);
    checks.check(
      "each instance is registered again within 5 s, once",
      wrong === undefined,
      wrong ?? `${running.members.length} instances after ${tookMs} ms`,
    );
    await sleep(Math.max(0, STORM_MS - (performance.now() - opened)));
    const storm = proxy.counts();
    judgeCalls(await calling.finish(), rate, checks, say);
    judgeAttempts(running, stalls(), checks, say);
    checks.check(
      "services were restarted meanwhile",
      restarts > 0,
      `${restarts} of ${running.members.length} instances, each with -9`,
    );
    const perSecond = (count: number, ms: number) => Math.round((count * 1_000) / ms);
    const figures =
      `${storm.requests} requests on ${storm.connections} connections in the first 10 s ` +
      `(${perSecond(storm.requests, STORM_MS)}/s; before: ${perSecond(usual.requests, COUNTED_MS)}/s); ` +
      `while away ${perSecond(away.connections, COUNTED_MS)} connections/s`;
    // Every process keeps a few connections; a storm would open one for each request.
    const processes = 2 * running.members.length + 1;
    const noStorm =
      storm.connections <= 8 * processes &&
      storm.requests / STORM_MS < (3 * usual.requests) / COUNTED_MS + processes / 1_000 &&
      away.connections / (COUNTED_MS / 1_000) < 10 * processes;
    checks.check("no storm of reconnects", noStorm, figures);
  } finally {
    driver?.end();
    await fleet?.end();
    await proxy.close();
    await registry.close();
  }
}

/** Kills and starts one instance of each service, then the next of each, as far as time allows; how many. */
async function restartInTurn(fleet: Fleet, before: number, say: (line: string) => void): Promise<number> {
  let restarted = 0;
  for (const turn of turns(fleet.members)) {
    if (performance.now() > before - REST_MS) break;
    for (const member of turn) fleet.kill(member);
    await Promise.all(turn.map((member) => fleet.restart(member)));
    restarted += turn.length;
    say(`  restarted ${turn.map(({ name }) => name).join(", ")}`);
    await sleep(REST_MS);
  }
  return restarted;
}

/** The first instance of each service, the second of each, … */
function turns(members: readonly Member[]): readonly (readonly Member[])[] {
  const byService = Map.groupBy(members, ({ key }) => key);
  const most = Math.max(...[...byService.values()].map(({ length }) => length));
  return Array.from({ length: most }, (_, index) =>
    [...byService.values()].flatMap((ofService) => ofService[index] ?? []),
  );
}

/** A service that was started while the registry was away finds its peers by what an earlier process knew. */
async function paidBy(fleet: Fleet, { check }: Checks): Promise<void> {
  const member = (key: Member["key"]) => fleet.members.find((one) => one.key === key)?.origin ?? "";
  const customer = shop({
    urls: { orders: member("orders"), payments: member("payments"), notifications: member("notifications") },
  });
  const order = await customer.order();
  const payment = await customer.pay(order.body.id);
  check(
    "a restarted PaymentService finds OrderService by the snapshot on disk",
    payment.status === 201,
    `${payment.status} ${payment.status === 201 ? "" : JSON.stringify(payment.body)}`,
  );
}

const messageOf = (error: Error): string => error.message;
