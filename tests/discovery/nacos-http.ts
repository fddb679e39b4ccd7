// Nacos' v1 HTTP API as the tests call it, byte for byte what a client sends.

import { Agent, request } from "undici";
import * as z from "zod";

type Value = string | number | boolean;
export interface ServiceParams {
  readonly serviceName: string;
  readonly groupName?: string;
  readonly namespaceId?: string;
}
type InstanceParams = ServiceParams & {
  readonly ip: string;
  readonly port: number;
  readonly weight?: number;
  readonly enabled?: boolean;
  readonly metadata?: string;
};
type ConfigParams = { readonly dataId: string; readonly group: string };

const hostList = z.looseObject({
  hosts: z.array(
    z.looseObject({
      ip: z.string(),
      port: z.number(),
      healthy: z.boolean(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});
const serviceList = z.object({ count: z.number(), doms: z.array(z.string()) });

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly md5: string | undefined;
  json(): unknown;
}

const dispatcher = new Agent({ keepAliveTimeout: 10 });

export class NacosHttp {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Sends as is. */
  async request(
    method: string,
    path: string,
    form?: string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const reply = await request(`http://${this.#address}/nacos${path}`, {
      method: z.enum(["GET", "POST", "PUT", "DELETE"]).parse(method),
      headers: {
        // Nacos pushes only to agents that it knows to listen.
        "user-agent": "Nacos-Java-Client:v1.0.0",
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      body: form ?? null,
      headersTimeout: 35_000,
      dispatcher,
    });
    const body = await reply.body.text();
    return {
      status: reply.statusCode,
      body,
      md5: reply.headers["content-md5"]?.toString(),
      json: () => JSON.parse(body),
    };
  }

  /** Sends `params` as the query and expects 200. */
  async call(method: string, path: string, params: object): Promise<Reply> {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params)) query.set(key, String(value));
    return succeeded(await this.request(method, `${path}?${query}`));
  }

  register = (params: InstanceParams) => this.call("POST", "/v1/ns/instance", params);
  deregister = (params: InstanceParams) => this.call("DELETE", "/v1/ns/instance", params);
  beat = async (params: ServiceParams & Record<string, Value>) =>
    (await this.call("PUT", "/v1/ns/instance/beat", params)).json();
  list = async (params: ServiceParams & { clusters?: string; udpPort?: number; clientIP?: string }) =>
    hostList.parse((await this.call("GET", "/v1/ns/instance/list", params)).json());
  services = async (params: { groupName: string; pageNo: number; pageSize: number }) =>
    serviceList.parse((await this.call("GET", "/v1/ns/service/list", params)).json());
  metrics = async () => (await this.call("GET", "/v1/ns/operator/metrics", {})).json();

  getConfig = (key: ConfigParams) =>
    this.request("GET", `/v1/cs/configs?dataId=${key.dataId}&group=${key.group}`);
  removeConfig = (key: ConfigParams) => this.call("DELETE", "/v1/cs/configs", key);
  publish = async (params: ConfigParams & { content: string; type?: string }) =>
    succeeded(await this.request("POST", "/v1/cs/configs", String(new URLSearchParams(params))));

  /** Long-polls for `key`; resolves with the changed keys as the server names them. */
  async listen({ dataId, group }: ConfigParams, md5: string, timeout: number): Promise<string> {
    const form = new URLSearchParams({ "Listening-Configs": `${dataId}\u0002${group}\u0002${md5}\u0001` });
    const headers = { "long-pulling-timeout": String(timeout) };
    const reply = succeeded(await this.request("POST", "/v1/cs/configs/listener", String(form), headers));
    return decodeURIComponent(reply.body).trim();
  }
}

function succeeded(reply: Reply): Reply {
  if (reply.status !== 200) throw new Error(`status ${reply.status}: ${reply.body}`);
  return reply;
}
