// The number of disagreements as a metric of CloudWatch, which the stack's alarm watches.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html

import { awsRequest } from "../../lib/core/aws-request.ts";
import { DISAGREEMENTS } from "../../lib/outbox/standing-metrics.ts";

const TIMEOUT_MS = 10_000;

type Send = typeof awsRequest;

/** Sends `count` for the stack whose names begin with `prefix` (`cfmp-order-prod`). @throws {Error} when CloudWatch does not take it. */
export async function sendDisagreements(
  prefix: string,
  count: number,
  send: Send = awsRequest,
): Promise<void> {
  const datum = "MetricData.member.1";
  const body = new URLSearchParams({
    Action: "PutMetricData",
    Version: "2010-08-01",
    Namespace: prefix,
    [`${datum}.MetricName`]: DISAGREEMENTS,
    [`${datum}.Value`]: String(count),
    [`${datum}.Unit`]: "Count",
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await send({ service: "monitoring", path: "/", headers, body, timeoutMs: TIMEOUT_MS });
  if (reply.status !== 200) {
    const code = /<Code>([\w.]+)<\/Code>/.exec(reply.body)?.[1] ?? "";
    throw new Error(`CloudWatch did not take the metric ${DISAGREEMENTS}: ${reply.status} ${code}`.trimEnd());
  }
}
