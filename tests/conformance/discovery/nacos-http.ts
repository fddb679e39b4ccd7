// Nacos' HTTP API as the tests call it, byte for byte what a client sends.

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
  readonly healthy?: boolean;
  readonly clusterName?: string;
  readonly metadata?: string;
};
type ConfigParams = { readonly dataId: string; readonly group: string; readonly tenant?: string };

interface ListParams {
  readonly clusters?: string;
  readonly udpPort?: number;
  readonly clientIP?: string;
  readonly healthyOnly?: boolean;
}

const hostList = z.looseObject({
  hosts: z.array(
    z.looseObject({
      ip: z.string(),
      port: z.number(),
      healthy: z.boolean(),
      clusterName: z.string(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});
const serviceList = z.object({ count: z.number(), doms: z.array(z.string()) });

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly md5: string | undefined;
  /** Of a configuration: `text`, `json` … */
  readonly type: string | undefined;
  json(): unknown;
}

const v3Reply = z.object({ code: z.number(), message: z.string(), data: z.unknown() });

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
      method: z.enum(["GET", "POST", "PUT", "DELETE", "PATCH"]).parse(method),
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
      type: reply.headers["config-type"]?.toString(),
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
  list = async (params: ServiceParams & ListParams) =>
    hostList.parse((await this.call("GET", "/v1/ns/instance/list", params)).json());
  services = async (params: { groupName: string; pageNo: number; pageSize: number }) =>
    serviceList.parse((await this.call("GET", "/v1/ns/service/list", params)).json());
  metrics = async () => (await this.call("GET", "/v1/ns/operator/metrics", {})).json();

  /** A v3 path: the status and what the envelope holds; a reply in no envelope has code NaN. */
  v3 = async (
    method: string,
    path: string,
    params: Record<string, Value>,
    headers: Record<string, string> = {},
  ) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params)) query.set(key, String(value));
    const { status, body } = await this.request(method, `${path}?${query}`, undefined, headers);
    const envelope = v3Reply.safeParse(body.startsWith("{") ? JSON.parse(body) : undefined);
    return {
      status,
      ...(envelope.success ? envelope.data : { code: Number.NaN, message: body, data: null }),
    };
  };

  getConfig = (key: ConfigParams) => this.request("GET", `/v1/cs/configs?${new URLSearchParams({ ...key })}`);
  removeConfig = (key: ConfigParams) => this.call("DELETE", "/v1/cs/configs", key);
  publish = async (params: ConfigParams & { content: string; type?: string }) =>
    succeeded(await this.publishIf(params));
  /** Publishes only if the present content has this MD5, where one is given. */
  publishIf = (params: ConfigParams & { content: string; type?: string }, casMd5?: string) => {
    const form = String(new URLSearchParams({ ...params }));
    return this.request("POST", "/v1/cs/configs", form, casMd5 === undefined ? {} : { casMd5 });
  };

  /** Long-polls for `key`; resolves with the changed keys as the server names them. */
  async listen({ dataId, group, tenant }: ConfigParams, md5: string, timeout: number): Promise<string> {
    const record = [dataId, group, md5, ...(tenant === undefined ? [] : [tenant])].join("\u0002");
    const form = new URLSearchParams({ "Listening-Configs": `${record}\u0001` });
    const headers = { "long-pulling-timeout": String(timeout) };
    const reply = succeeded(await this.request("POST", "/v1/cs/configs/listener", String(form), headers));
    return decodeURIComponent(reply.body).trim();
  }
}

function succeeded(reply: Reply): Reply {
  if (reply.status !== 200) throw new Error(`status ${reply.status}: ${reply.body}`);
  return reply;
}
