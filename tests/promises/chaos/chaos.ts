// Calls between services while instances, sidecars and the registry are killed, paused and restarted at random.

import { randomUUID } from "node:crypto";
import { until } from "../../support/poll.ts";
import { seededRandom } from "../../support/random.ts";
import { send } from "../../support/shop.ts";
import type { Checks } from "./checks.ts";
import { type Driver, startDriver } from "./driver.ts";
import { commitFaults } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { judgeAttempts, judgeCalls, judgeConvergence } from "./judge.ts";

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Of each of the three services. */
  readonly instances: number;
  /** Calls per second. */
  readonly rate: number;
  readonly checks: Checks;
  readonly say: (line: string) => void;
}

const LEAST_PER_SECOND = 200;
const DEADLINE_MS = 3_000;
/** What a handler takes when its caller sets no deadline. */
const HANDLER_DEADLINE_MS = 10_000;

export async function chaos({ seconds, seed, instances, rate, checks, say }: ChaosOptions): Promise<void> {
  say(`seed ${seed}: ${instances} instances each of 3 services, ${rate} calls/s, ${seconds} s of faults`);
  const fleet = await Fleet.start(instances);
  let driver: Driver | undefined;
  try {
    await fleet.settled();
    const calling = startDriver({ env: fleet.env, rate, flowRate: 3 });
    driver = calling;
    await until("the driver's calls are answered", () => calling.progress().calls > rate, 30_000);
    const random = seededRandom(seed);
    const counts = await commitFaults({ fleet, seconds, random, say });
    const faults = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(", ");
    const report = await calling.finish();
    judgeCalls(report, Math.min(LEAST_PER_SECOND, rate * 0.9), checks, say);
    judgeAttempts(fleet, checks, say);
    await judgeConvergence(fleet, checks, faults);
    await judgeNobody(fleet, calling, checks);
  } finally {
    driver?.end();
    await fleet.end();
  }
}

/** When no instance of a service lives: an answer that says so, in time. */
async function judgeNobody(fleet: Fleet, driver: Driver, { check }: Checks): Promise<void> {
  const payments = fleet.members.find(({ key }) => key === "payments");
  if (payments === undefined) return;
  const headers = { uuid: randomUUID() };
  for (const member of fleet.members) if (member.key === "orders") fleet.kill(member);
  const pay = async () => {
    const started = performance.now();
    const body = { order_id: randomUUID(), method: "sandbox" };
    const {
      status,
      headers: replied,
      body: problem,
    } = await send("POST", `${payments.origin}/api/payments/`, body, headers);
    return {
      status,
      retryAfter: replied["retry-after"],
      code: problem.code,
      ms: performance.now() - started,
    };
  };
  const answers = [await pay(), await pay(), ...(await Promise.all([pay(), pay(), pay()]))];
  const call = await driver.once("OrderService", DEADLINE_MS);
  const slowest = Math.round(Math.max(...answers.map(({ ms }) => ms)));
  check(
    "with no OrderService alive, a payment is answered 503 with Retry-After in time",
    answers.every(({ status, retryAfter }) => status === 503 && Number(retryAfter) > 0) &&
      slowest < HANDLER_DEADLINE_MS,
    `${answers.length} answers (${answers[0]?.code}), slowest after ${slowest} ms`,
  );
  check(
    "and a call fails within its deadline",
    call.outcome === "peer_unavailable" && call.tookMs < DEADLINE_MS + 100,
    `${call.outcome} after ${Math.round(call.tookMs)} of ${DEADLINE_MS} ms`,
  );
}
