// What a registry has, seen from outside by Nacos' HTTP API with an account of it.

import * as z from "zod";
import type { Account } from "../../../local/registry/account.ts";
import { NacosHttp } from "../discovery/nacos-http.ts";

const login = z.object({ accessToken: z.string() });
const list = z.object({ hosts: z.array(z.object({ port: z.number(), healthy: z.boolean() })) });

/** Metadata of an instance that stays although nobody, or nobody often, sends heartbeats for it. */
export const LASTING = {
  "preserved.heart.beat.interval": "60000",
  "preserved.heart.beat.timeout": "900000",
  "preserved.ip.delete.timeout": "900000",
};

export class Observer {
  readonly #http: NacosHttp;
  readonly #headers: Record<string, string>;

  private constructor(http: NacosHttp, token: string) {
    this.#http = http;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  /** @throws {Error} when the registry does not answer, or refuses the account. */
  static async open(address: string, account: Account): Promise<Observer> {
    const http = new NacosHttp(address);
    const reply = await http.request("POST", "/v1/auth/login", String(new URLSearchParams({ ...account })));
    return new Observer(http, login.parse(reply.json()).accessToken);
  }

  /** Ports of the healthy instances. */
  async ports(serviceName: string): Promise<number[]> {
    const reply = await this.#call("GET", "/v1/ns/instance/list", { serviceName });
    const { hosts } = list.parse(reply.json());
    return hosts.filter(({ healthy }) => healthy).map(({ port }) => port);
  }

  async register(serviceName: string, port: number): Promise<void> {
    const metadata = JSON.stringify(LASTING);
    await this.#call("POST", "/v1/ns/instance", {
      serviceName,
      ip: "127.0.0.1",
      port: String(port),
      metadata,
    });
  }

  async publish(dataId: string, content: string): Promise<void> {
    await this.#call("POST", "/v1/cs/configs", { dataId, group: "DEFAULT_GROUP", content });
  }

  /** Undefined when there is none. */
  async content(dataId: string): Promise<string | undefined> {
    const query = new URLSearchParams({ dataId, group: "DEFAULT_GROUP" });
    const reply = await this.#http.request("GET", `/v1/cs/configs?${query}`, undefined, this.#headers);
    return reply.status === 200 ? reply.body : undefined;
  }

  async #call(method: string, path: string, params: Record<string, string>) {
    const query = `${path}?${new URLSearchParams(params)}`;
    const reply = await this.#http.request(method, query, undefined, this.#headers);
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.body}`);
    return reply;
  }
}
