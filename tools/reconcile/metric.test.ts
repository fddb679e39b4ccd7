import { expect, test } from "@jest/globals";
import type { AwsRequest } from "../../lib/core/aws-request.ts";
import { sendDisagreements } from "./metric.ts";

test("the metric goes to the namespace of the stack, by the name that its alarm watches", async () => {
  const asked: AwsRequest[] = [];
  await sendDisagreements("cfmp-order-prod", 3, async (request) => {
    asked.push(request);
    return { status: 200, headers: {}, body: "" };
  });
  expect(asked.map(({ service }) => service)).toEqual(["monitoring"]);
  expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
    Action: "PutMetricData",
    Version: "2010-08-01",
    Namespace: "cfmp-order-prod",
    "MetricData.member.1.MetricName": "Disagreements",
    "MetricData.member.1.Value": "3",
    "MetricData.member.1.Unit": "Count",
  });
});

test("a refusal is an error that says why", async () => {
  const refuse = async () => ({
    status: 403,
    headers: {},
    body: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
  });
  await expect(sendDisagreements("cfmp-order-prod", 0, refuse)).rejects.toThrow(
    "CloudWatch did not take the metric Disagreements: 403 AccessDenied",
  );
});
