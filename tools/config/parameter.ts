// The parameter of the live configuration of a stage on AWS.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html

import * as z from "zod";
import { functionOf } from "../../build/functions.ts";
import { services } from "../../functions/services.ts";
import { readParameterText } from "../../lib/config/secret-stores.ts";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { awsRegion } from "../../lib/core/aws-endpoint.ts";
import { awsRequest } from "../../lib/core/aws-request.ts";
import { parseJson } from "../../lib/core/tried.ts";
import { SERVICE } from "../stack.ts";

/** AWS did not do it, or the stage has no such parameter; the message says why. */
export class LiveParameterError extends Error {
  readonly code = "live_parameter";
}

const TIMEOUT_MS = 10_000;
const NOT_FOUND = "ParameterNotFound";

type Send = typeof awsRequest;

/** A function that every stack has. */
const [HEALTH] = services.map((service) => functionOf(service, commonRoutes.health, "aws"));

const configuration = z.object({
  Environment: z.object({ Variables: z.record(z.string(), z.string()).default({}) }),
});
const refusal = z.object({ __type: z.string().optional(), message: z.string().optional() });

/**
 * The name of the parameter that the functions of `stage` read: one of them is asked, so that a stage that is not there, or has its
 * configuration elsewhere, is found out. @throws {LiveParameterError}
 */
export async function parameterOf(stage: string, send: Send = awsRequest): Promise<string> {
  const name = `${SERVICE}-${stage}-${HEALTH}`;
  const path = `/2015-03-31/functions/${name}/configuration`;
  const reply = await send({
    service: "lambda",
    method: "GET",
    path,
    headers: {},
    body: "",
    timeoutMs: TIMEOUT_MS,
  });
  if (reply.status === 404)
    throw new LiveParameterError(
      `There is no stage ${stage} in ${awsRegion()}: no function is called ${name}.`,
    );
  if (reply.status !== 200) throw refused("GetFunctionConfiguration", reply);
  const { Variables } = configuration.parse(parseJson(reply.body)).Environment;
  const { NACOS_SERVER: nacos, LIVE_CONFIG_PARAMETER: parameter } = Variables;
  if (nacos)
    throw new LiveParameterError(
      `The functions of ${stage} have their configuration from Nacos at ${nacos}.`,
    );
  if (parameter === undefined || parameter === "off")
    throw new LiveParameterError(
      `The functions of ${stage} read no parameter: LIVE_CONFIG_PARAMETER is ${parameter ?? "not set"} there. Deploy it without that.`,
    );
  return parameter;
}

/** Its text; undefined without one. @throws {SecretUnreadable} when it can't be read. */
export const publishedText = (name: string, send?: Send): Promise<string | undefined> =>
  readParameterText(name, send);

/** Makes `text` the parameter `name`, from now on. @throws {LiveParameterError} when Parameter Store does not take it. */
export async function publish(name: string, text: string, send?: Send): Promise<void> {
  const request = { Name: name, Value: text, Type: "String", Overwrite: true };
  const reply = await operation("PutParameter", request, send);
  if (reply.status !== 200) throw refused("PutParameter", reply);
}

/** Removes the parameter `name`; false when there was none. @throws {LiveParameterError} when it may not be removed. */
export async function withdraw(name: string, send?: Send): Promise<boolean> {
  const reply = await operation("DeleteParameter", { Name: name }, send);
  if (reply.status === 200) return true;
  if (refusal.safeParse(parseJson(reply.body)).data?.__type?.endsWith(NOT_FOUND)) return false;
  throw refused("DeleteParameter", reply);
}

function operation(action: string, request: object, send: Send = awsRequest) {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AmazonSSM.${action}` };
  return send({ service: "ssm", path: "/", headers, body: JSON.stringify(request), timeoutMs: TIMEOUT_MS });
}

function refused(action: string, { status, body }: { status: number; body: string }): LiveParameterError {
  const { data } = refusal.safeParse(parseJson(body));
  const reason = [data?.__type, data?.message].filter((part) => part !== undefined).join(": ");
  return new LiveParameterError(`AWS answered ${status} to ${action}: ${reason || body}`);
}
