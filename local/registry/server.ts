// The embedded registry: the parts of Nacos' HTTP and gRPC APIs that its clients and this system use, in one small server.

import { join } from "node:path";
import { authority } from "../../lib/core/host.ts";
import type { Log } from "../../lib/observability/log.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { keptIdleMs } from "../shared/listener/limits.ts";
import { type Account, Accounts } from "./account.ts";
import { authRoutes } from "./auth-routes.ts";
import { beatLines } from "./beat-lines.ts";
import { ChangedServices } from "./changed-services.ts";
import { Clients } from "./clients.ts";
import { ConfigFiles } from "./config-files.ts";
import { configRoutes } from "./config-routes.ts";
import { ConfigStore } from "./config-store.ts";
import { ConfigWaiters } from "./config-waiters.ts";
import { EndedInstances, takeOut } from "./ended-instance.ts";
import { expireInTime } from "./expiry.ts";
import { GrpcListener } from "./grpc/listener.ts";
import { healthRoutes } from "./health-routes.ts";
import { serve } from "./http-edge.ts";
import { ListReplies } from "./list-reply.ts";
import { namingRoutes } from "./naming-routes.ts";
import { ServiceTable } from "./service-table.ts";
import { Subscribers } from "./subscribers.ts";
import { tokenKey } from "./token-key.ts";
import { UdpPush } from "./udp-push.ts";
import { v3ClientRoutes } from "./v3-client-routes.ts";
import { v3ConfigRoutes } from "./v3-config-routes.ts";
import { v3NamingRoutes } from "./v3-naming-routes.ts";
import { v3ServiceRoutes } from "./v3-service-routes.ts";

export interface RegistryOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder in which published configurations survive the process. */
  readonly dataDir: string;
  /** Whoever reads or writes anything must log in with it; without one nobody has to. */
  readonly account?: Account | undefined;
  readonly log: Log;
}

export interface RunningRegistry {
  readonly host: string;
  readonly port: number;
  /** Undefined when gRPC's port could not be had. */
  readonly grpcPort: number | undefined;
  /** Takes out what is registered with this `instance` id in its metadata, and takes no more of it: its process has ended. */
  instanceEnded(instance: string): void;
  /** The process with this `instance` id lives, even if it counted as ended: it may register again. */
  instanceLives(instance: string): void;
  /** Ends long polls, closes every connection and socket. Idempotent. */
  close(): Promise<void>;
}

/** The registry could not listen on its address. */
export class RegistryListenError extends Error {
  readonly code = "registry_listen_failed";

  constructor(host: string, port: number, cause: Error) {
    super(
      `The registry can't listen on ${authority(host, port)} (${cause.message}). Stop what runs there, or set NACOS_SERVER.`,
      { cause },
    );
    this.name = "RegistryListenError";
  }
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Starts the registry; resolves when it answers. Instances are kept in memory (after a restart they register again by their
 * next heartbeat), configurations in `dataDir/registry/configs`.
 * @throws {RegistryListenError} when it can't listen on the address.
 */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const { host, port, dataDir, account, log } = options;
  // Epoch milliseconds of the start plus monotonic time: instances must not expire because the clock was set.
  const clock = () => Math.floor(performance.timeOrigin + performance.now());
  const key = await tokenKey(join(dataDir, "registry", "token-key"));
  const accounts = new Accounts({ account, key, clock });
  const waiters = new ConfigWaiters();
  const files = new ConfigFiles(join(dataDir, "registry", "configs"), log);
  const configs = await ConfigStore.open(files, clock, (key) => {
    waiters.changed(key);
    grpc.configChanged(key);
  });

  const replies = new ListReplies(clock);
  const subscribers = new Subscribers(clock);
  const push = await UdpPush.open(host, replies, subscribers, log);
  const changes = new ChangedServices((service) => {
    push.send(service);
    grpc.serviceChanged(service);
  });
  const ended = new EndedInstances();
  const table = new ServiceTable({
    clock,
    onChange: (service) => changes.announce(service),
    hasEnded: (announced) => ended.has(announced),
  });
  const grpc = new GrpcListener({ table, replies, configs, clock, check: accounts.check, log });
  const naming = { table, replies, subscribers, clients: new Clients(table, subscribers, grpc) };
  const open = { ...authRoutes(accounts), ...healthRoutes };
  const guarded = {
    ...namingRoutes(naming),
    ...configRoutes(configs, waiters),
    ...v3NamingRoutes(naming),
    ...v3ServiceRoutes(naming),
    ...v3ClientRoutes(naming),
    ...v3ConfigRoutes(configs),
  };

  const listener = httpListener(
    {
      reach: "loopback",
      hosts: loopbackNames,
      origins: [],
      maxBodyBytes: MAX_BODY_BYTES,
      // A heartbeat has its instance's metadata in the URL, so the request line may be long.
      limits: { headBytes: 64 * 1024, idleMs: keptIdleMs() },
      upgrade: beatLines(table, accounts.check),
    },
    serve({ open, guarded, check: accounts.check }, log),
  );
  const address = await listener.open({ host, port }).catch(async (cause: Error) => {
    await push.close();
    throw new RegistryListenError(host, port, cause);
  });
  const grpcPort = await grpc.open(host, address);
  const expiry = expireInTime(table, subscribers);

  let closing: Promise<void> | undefined;
  const shut = async () => {
    expiry.stop();
    waiters.close();
    changes.close();
    await Promise.all([listener.close(0), grpc.close(), push.close()]);
  };
  return {
    host,
    port: address,
    grpcPort,
    instanceEnded(instance) {
      ended.add(instance);
      takeOut(instance, table, grpc);
    },
    instanceLives: (instance) => ended.delete(instance),
    close: () => {
      closing ??= shut();
      return closing;
    },
  };
}
