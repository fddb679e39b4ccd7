// A gateway before instances that a test makes, found in a registry that a test fills; they are called in its order.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { services } from "../../functions/services.ts";
import { createTokens } from "../../lib/auth/tokens.ts";
import { createCaller } from "../../lib/discovery/call/caller.ts";
import type { Discovery } from "../../lib/discovery/index.ts";
import type { Instance } from "../../lib/discovery/registry/registry.ts";
import { Resolver } from "../../lib/discovery/resolver/resolver.ts";
import { DEFAULT_POLICY, type DiscoveryPolicy } from "../../lib/discovery/settings/policy.ts";
import { serviceLog } from "../../lib/observability/log.ts";
import { portOf } from "../../tests/support/free-ports.ts";
import { type Gateway, type GatewaySettings, startGateway } from "./gateway.ts";

export interface Behind {
  readonly gateway: Gateway;
  readonly url: string;
  /** Adds an instance of `service`; its name is in the header `cfmp-target-instance`. */
  instance(service: string, answer: RequestListener): Promise<Server>;
  /** Adds an instance that nobody listens for. */
  dead(service: string): Promise<void>;
  close(): Promise<void>;
}

// Tests assert on what they read, field by field.
// biome-ignore lint/suspicious/noExplicitAny: the body of any reply.
export type Reply = Omit<Response, "json"> & { json(): Promise<any> };

export const tokens = createTokens({
  SECRET_KEY: "a secret of this test alone!",
  TOKEN_AUDIENCE: "cfmp-order",
});

export async function gatewayBefore(
  config: Partial<GatewaySettings["config"]> = {},
  policy: Partial<DiscoveryPolicy> = {},
): Promise<Behind> {
  const servers: Server[] = [];
  const listed: Instance[] = [];
  const of = (service: string) => listed.filter((each) => each.service === service);
  const log = serviceLog("test");
  const clock = () => performance.now();
  const resolver = new Resolver({
    registry: { list: async (service) => of(service), watch: () => () => {} },
    isAlive: async () => true,
    frozen: true,
    log,
    clock,
    random: Math.random,
  });
  const ports = {
    resolver,
    policy: () => ({ ...DEFAULT_POLICY, ...policy }),
    clock: Date.now,
    monotonic: clock,
    random: Math.random,
  };
  const discovery: Pick<Discovery, "callBy" | "observe" | "status"> = {
    callBy: (http) =>
      createCaller({
        ...ports,
        http,
        balancer: (endpoints, { now, tried = [] }) =>
          endpoints.find(
            (each) => each.coolDownUntil <= now && each.ejection.state(now) === "in" && !tried.includes(each),
          ),
      }),
    observe: async (service) => ({ service, chosen: null, instances: [] }),
    status: () => "ok",
  };
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    config: { DEBUG: true, ALLOWED_HOSTS: [], CORS_ORIGINS: [], GATEWAY_RATE_LIMIT: 0, ...config },
    services,
    discovery,
    tokens,
    log,
  });
  const add = (service: string, port: number) =>
    listed.push({
      service,
      host: "127.0.0.1",
      port,
      weight: 1,
      healthy: true,
      enabled: true,
      metadata: { instance: `${service} ${listed.length}` },
    });
  return {
    gateway,
    url: `http://127.0.0.1:${gateway.port}`,
    async instance(service, answer) {
      const server = await listen(answer);
      servers.push(server);
      add(service, portOf(server));
      return server;
    },
    async dead(service) {
      const server = await listen(() => {});
      add(service, portOf(server));
      await end(server);
    },
    async close() {
      for (const server of servers) await end(server);
      await gateway.close();
    },
  };
}

/** Everything of a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

/** Answers with JSON. */
export const answerWith = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
