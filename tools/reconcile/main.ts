// npm run reconcile -- [--since 24h] [--until <time>] [--grace 120] [--json] [--stage dev [--metric]]
// Lists every payment of a window of time that disagrees with its provider or its order; exit code 1 if there is one. With --metric the
// stack on AWS is told how many there are.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { orderStore } from "../../functions/orders/order-store.ts";
import { paymentStore } from "../../functions/payments/payment-store.ts";
import { offeredProviders } from "../../functions/payments/providers/offered.ts";
import { chargeStore, createSandbox } from "../../functions/payments/providers/sandbox/sandbox.ts";
import { unmatchedStore } from "../../functions/payments/unmatched-store.ts";
import { StorageFault } from "../../lib/storage/errors.ts";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { type Database, openDatabase } from "../database.ts";
import { explained } from "../explain.ts";
import { SERVICE } from "../stack.ts";
import type { Disagreement } from "./disagreement.ts";
import { sendDisagreements } from "./metric.ts";
import { type ReconcilePorts, type Reconciliation, reconcile } from "./reconcile.ts";
import { parseTime } from "./window.ts";

const USAGE =
  "Usage: npm run reconcile -- [--since 24h|<RFC 3339>] [--until <RFC 3339>] [--grace <seconds>] [--json] [--stage dev [--metric]]";

process.exitCode = await exitCodeOf(run, 2);

async function run(): Promise<number> {
  const now = Date.now();
  const { since, until, grace, json, stage, metric } = parsed(now);
  const database = openDatabase(stage);
  try {
    const found = await reconcile(portsOver(database), { since, until }, grace * 1_000);
    if (json) print(JSON.stringify(found, null, 2));
    else for (const line of lines(found)) print(line);
    const { length } = found.disagreements;
    if (metric) await sendDisagreements(`${SERVICE}-${stage}`, length);
    return length > 0 ? 1 : 0;
  } catch (error) {
    complain(lacksIndex(error) ?? explained(error, database.address));
    return 2;
  } finally {
    await database.close();
  }
}

function parsed(now: number) {
  const options = {
    since: { type: "string", default: "24h" },
    until: { type: "string", default: "0s" },
    grace: { type: "string", default: "120" },
    json: { type: "boolean", default: false },
    stage: { type: "string" },
    metric: { type: "boolean", default: false },
  } as const;
  const { values } = optionsOf(USAGE, () => parseArgs({ options }));
  const since = parseTime(values.since, now);
  const until = parseTime(values.until, now);
  if (since === undefined || until === undefined || !/^\d{1,7}$/.test(values.grace)) {
    throw new UsageError(`--since and --until take 90m, 24h, 7d or 2026-11-01T12:00:00Z.\n${USAGE}`);
  }
  if (values.metric && values.stage === undefined) throw new UsageError(`--metric needs --stage.\n${USAGE}`);
  return { ...values, since, until, grace: Number(values.grace) };
}

function portsOver({ table, config }: Database): ReconcilePorts {
  // It is only queried: it sends nothing.
  const { provider } = createSandbox({
    table: table("sandbox"),
    secrets: [""],
    call: () => Promise.reject(new Error("Nothing is sent from here")),
    now: Date.now,
    hint: async () => {},
  });
  const providers = offeredProviders(process.env, config.DEBUG, provider);
  return {
    payments: paymentStore(table("payments")),
    orders: orderStore(table("orders")),
    charges: chargeStore(table("sandbox")),
    unmatched: unmatchedStore(table("unmatched")),
    providers: new Map([...providers, ["sandbox", provider] as const]),
    now: Date.now,
    pause: (ms) => sleep(ms),
  };
}

function lines({ agree, under_way, disagreements }: Reconciliation): string[] {
  const rest = under_way > 0 ? `, ${under_way} changed just now` : "";
  const summary = `${agree} ${agree === 1 ? "payment agrees" : "payments agree"}${rest}`;
  if (disagreements.length === 0) return [`${summary}.`];
  return [...disagreements.map(line), `${summary}; ${disagreements.length} disagreements.`];
}

function line({ kind, payment_id, order_id, at_provider, detail }: Disagreement): string {
  const where = `payment ${payment_id ?? "-"}  order ${order_id ?? "-"}  ${at_provider ?? "-"}`;
  return `${kind}  ${where}\n    ${detail}`;
}

function lacksIndex(error: unknown): string | undefined {
  if (!(error instanceof StorageFault) || error.reason !== "ValidationException") return undefined;
  return `${error.message}. Tables that were made before the index by_day was lack it; see docs/payments.md.`;
}
