// npm run capacity -- [--flows 3] [--shards 4] [--whole] [--rate 10000] [--json FILE]
// What a paid order costs on AWS: units of DynamoDB by operation, of items that were really written; requests, invocations, dollars; and
// how many orders per second each index takes, and what a rate of them needs. See docs/scale.md.

import { writeFileSync } from "node:fs";
import { setLogSink } from "../../lib/observability/log.ts";
import { commandOptions, flag, number, text } from "../../tests/support/command.ts";
import { recordFlow } from "./aws-flow.ts";
import { capacityOf } from "./capacity.ts";
import { capacityReport } from "./report.ts";

const { flows, shards, whole, rate, json } = commandOptions({
  /** How many orders are paid; the last is reported, when what a process looks up once is known. */
  flows: number(3),
  /** As the setting OUTBOX_SHARDS. */
  shards: number(4),
  /** As the setting WHOLE_INDEXES. */
  whole: flag,
  /** Paid orders per second whose needs are shown beside the quotas of an account. */
  rate: number(0),
  json: text(undefined),
});

setLogSink(() => {});
const capacity = capacityOf(await recordFlow(flows), { shards, whole });
console.log(capacityReport(capacity, rate));
if (json !== undefined) writeFileSync(json, `${JSON.stringify(capacity, null, 2)}\n`);
process.exit(0);
