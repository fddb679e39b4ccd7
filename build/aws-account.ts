// Requests to the account to which `serverless deploy` goes, by the credentials and the region that osls has found.

import { awsEndpoint } from "../lib/core/aws-endpoint.ts";
import { signedHeaders } from "../lib/core/aws-signature.ts";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** osls' provider `aws`, in parts. */
export interface AwsProvider {
  getRegion(): string;
  getAwsSdkV3Config(): Promise<{ readonly credentials?: Credentials | (() => Promise<Credentials>) }>;
}

export interface AccountRequest {
  readonly service: string;
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface AccountReply {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 10_000;

/** Sends `request`, signed. Resolves with a reply of any status; rejects when there is none. */
export async function accountRequest(provider: AwsProvider, request: AccountRequest): Promise<AccountReply> {
  const { service, method = "POST", path = "/", headers = {}, body = "" } = request;
  const region = provider.getRegion();
  const { origin, host } = new URL(awsEndpoint(service, { ...process.env, AWS_REGION: region }));
  const { credentials } = await provider.getAwsSdkV3Config();
  const signed = signedHeaders(
    { host, path, method, service, region, headers: { ...headers }, ...(method === "GET" ? {} : { body }) },
    typeof credentials === "function" ? await credentials() : credentials,
  );
  const reply = await fetch(`${origin}${path}`, {
    method,
    headers: signed,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(method === "GET" ? {} : { body }),
  });
  return { status: reply.status, body: await reply.text() };
}
