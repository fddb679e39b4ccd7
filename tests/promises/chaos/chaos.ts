// Calls between services while instances, sidecars and the registry are killed, paused and restarted at random.

import { randomUUID } from "node:crypto";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { send } from "../../support/shop.ts";
import { watchStalls } from "../../support/stalls.ts";
import type { Checks } from "./checks.ts";
import { Driver } from "./driver.ts";
import { commitFaults } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { judgeAttempts, judgeCalls, judgeConvergence } from "./judge.ts";

/** What every scenario is given. */
export interface Scenario {
  readonly seconds: number;
  readonly checks: Checks;
  readonly say: (line: string) => void;
}

export interface FleetScenario extends Scenario {
  /** Of each of the three services. */
  readonly instances: number;
  /** Calls per second. */
  readonly rate: number;
}

interface ChaosScenario extends FleetScenario {
  readonly seed: number;
  /** `NACOS_API` of all processes. */
  readonly api: string;
}

const DEADLINE_MS = 3_000;
/** What a handler takes when its caller sets no deadline. */
const HANDLER_DEADLINE_MS = 10_000;
export const FLOW_RATE = 3;

export async function chaos(scenario: ChaosScenario): Promise<void> {
  const { seconds, seed, instances, rate, api, checks, say } = scenario;
  say(
    `seed ${seed}: ${instances} instances each of 3 services, ${rate} calls/s, ${seconds} s of faults, NACOS_API ${api}`,
  );
  const stalls = watchStalls();
  const fleet = await Fleet.start(instances, { NACOS_API: api });
  let driver: Driver | undefined;
  try {
    const calling = await Driver.start(fleet.system.env, { rate, flowRate: FLOW_RATE });
    driver = calling;
    const random = seededRandom(seed);
    const counts = await commitFaults({ fleet, seconds, random, say });
    const faults = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(", ");
    judgeCalls(await calling.finish(), rate, checks, say);
    judgeAttempts(fleet, stalls(), checks, say);
    await judgeConvergence(fleet, checks, faults);
    await judgeNobody(fleet, calling, stalls, checks);
  } finally {
    driver?.end();
    await fleet.end();
  }
}

/** When no instance of a service lives: an answer that says so, in time. */
async function judgeNobody(
  fleet: Fleet,
  driver: Driver,
  stalls: () => number,
  { check }: Checks,
): Promise<void> {
  const payments = fleet.members.find(({ key }) => key === "payments");
  if (payments === undefined) return;
  const headers = { uuid: randomUUID() };
  for (const member of fleet.members) if (member.key === "orders") fleet.kill(member);
  const pay = async () => {
    const started = performance.now();
    const order = { order_id: randomUUID(), method: "sandbox" };
    const answer = await send("POST", `${payments.origin}/api/payments/`, order, headers);
    const retryAfter = Number(answer.headers["retry-after"]);
    return { status: answer.status, retryAfter, code: answer.body.code, ms: performance.now() - started };
  };
  const answers = [await pay(), await pay(), ...(await Promise.all([pay(), pay(), pay()]))];
  const call = await driver.once("OrderService", DEADLINE_MS);
  const slowest = Math.round(Math.max(...answers.map(({ ms }) => ms)));
  check(
    "with no OrderService alive, a payment is answered 503 with Retry-After in time",
    answers.every(({ status, retryAfter }) => status === 503 && retryAfter > 0) &&
      slowest < HANDLER_DEADLINE_MS + stalls(),
    `${answers.length} answers (${answers[0]?.code}), slowest after ${slowest} ms`,
  );
  check(
    "and a call fails within its deadline",
    call.outcome === "peer_unavailable" && call.tookMs < DEADLINE_MS + 100 + stalls(),
    `${call.outcome} after ${Math.round(call.tookMs)} of ${DEADLINE_MS} ms`,
  );
}
