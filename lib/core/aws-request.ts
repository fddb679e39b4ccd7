// Signed requests to APIs of AWS that are called rarely; an SDK would be most of a function's bundle.

import { awsEndpoint, awsRegion } from "./aws-endpoint.ts";
import { signedHeaders } from "./aws-signature.ts";
import { KeptHttp } from "./kept-http.ts";

export interface AwsRequest {
  /** As it is signed for: `lambda`, `sqs`. */
  readonly service: string;
  /** `POST` by default. */
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds within which the reply must be complete. */
  readonly timeoutMs: number;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const http = new KeptHttp({ connections: 64, repeatable: false });

/**
 * Sends `request`, signed with the credentials of the environment. Resolves with a reply of any status; rejects when there is none.
 */
export async function awsRequest(request: AwsRequest): Promise<AwsReply> {
  const { service, method = "POST", path, body, timeoutMs } = request;
  const { origin, host } = new URL(awsEndpoint(service));
  const region = awsRegion();
  const headers = signedHeaders({
    host,
    path,
    region,
    method,
    service,
    headers: { ...request.headers },
    body,
  });
  const url = `${origin}${path}`;
  const reply = await http.send({ url, method, headers, body, timeoutMs, signal: request.signal });
  return { status: reply.status, headers: reply.headers, body: reply.data };
}

/**
 * Has the function of this name run `payload` asynchronously (`Invoke` with `InvocationType: Event`,
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). @throws an error when Lambda did not accept it.
 */
export async function invokeFunction(name: string, payload: string, timeoutMs: number): Promise<void> {
  const { status } = await awsRequest({
    service: "lambda",
    path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: { "content-type": "application/json", "x-amz-invocation-type": "Event" },
    body: payload,
    timeoutMs,
  });
  if (status !== 202) throw new Error(`Lambda answered ${status} for the function ${name}`);
}
