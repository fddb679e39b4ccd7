// One listener per service, all in this process: the guard of local/shared/listener, behind it the host for declared routes, and
// serverless-offline for every other request.

import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { inProcessListeners } from "../../lib/discovery/peer/in-process.ts";
import { heldSockets } from "../../lib/live/sockets.ts";
import { createHost, type Host } from "../host/host.ts";
import { inProcessListener } from "../host/in-process.ts";
import { routeFinder } from "../host/routes.ts";
import { socketHost } from "../host/sockets.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { type Answer, httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Serverless } from "../shared/serverless-types.ts";
import type { LocalFunctions } from "./functions.ts";
import { hostedRoutes, hostedSockets, needsEmulation } from "./hosted-routes.ts";
import type { LocalService } from "./local-services.ts";
import { offlineEmulation } from "./offline.ts";
import { onDemand } from "./on-demand.ts";

export interface Listener {
  readonly port: number;
  /** Number of requests that have begun to arrive and are not answered yet. */
  underWay(): number;
  /** Number of open connections. */
  connections(): Promise<number>;
  /** From now on each reply closes its connection, so that no peer sends a request to a listener that is stopping. */
  letGo(): void;
  /** Stops listening, and waits for requests in progress, at most 5 s. */
  stop(): Promise<void>;
}

export interface ListenerSettings {
  readonly config: Pick<Config, "HOST" | "DEBUG" | "ALLOWED_HOSTS" | "CORS_ORIGINS">;
  readonly commandLine: CommandLine;
  readonly functions: LocalFunctions;
  readonly log: Log;
  /** The id under which this process registers its services. */
  readonly instance: string;
  /** The host at which other instances reach this one. */
  readonly reachedAt: string;
}

const STOP_MS = 5_000;

/** Listens for `service`. Rejects with Node's own error (`EADDRINUSE`) when the address can't be used. */
export async function startListener(
  serverless: Serverless,
  service: LocalService,
  { config, commandLine, functions, log, instance, reachedAt }: ListenerSettings,
): Promise<Listener> {
  const own: Record<string, FunctionDefinition> = {};
  for (const [key, definition] of Object.entries(service.functions)) {
    own[key] = functions.add(key, withoutSchedules(structuredClone(definition)));
  }
  const find = routeFinder(hostedRoutes(service.functions, serverless.service.provider, functions));
  const options = { ...commandLine, host: config.HOST, httpPort: service.port };
  const emulation = onDemand(offlineEmulation(serverless, own, options, log), log);
  // What is wrong with such an event shows at the start.
  if (needsEmulation(service.functions)) await emulation.start();
  const rules = {
    reach: "configured",
    hosts: servedNames(config),
    origins: config.CORS_ORIGINS,
    maxBodyBytes: API_BODY_BYTES,
  } as const;
  const sockets = hostedSockets(service.functions, serverless.service.provider, functions);
  const upgrade =
    sockets === undefined || service.socketPath === undefined
      ? undefined
      : socketHost({
          path: service.socketPath,
          functions: sockets,
          domainName: () => authority(reachedAt, service.port),
          held: heldSockets,
        });
  const guarded = upgrade === undefined ? rules : { ...rules, upgrade };
  const listener = httpListener(guarded, hostedOr(createHost(find), emulation.answer));
  const port = await listener.open({ host: config.HOST, port: service.port });
  const inProcess = inProcessListener({ service: service.name, instance, port }, rules, find);
  const removeInProcess = inProcessListeners.add(inProcess);
  return {
    port,
    underWay: () => listener.underWay() + inProcess.underWay(),
    connections: listener.connections,
    letGo: listener.letGo,
    stop: async () => {
      removeInProcess();
      await listener.close(STOP_MS);
      await emulation.end();
    },
  };
}

const hostedOr =
  (host: Host, otherwise: Answer): Answer =>
  (request, response) => {
    if (!host(request, response)) otherwise(request, response);
  };

/** The local runtime has its own sweep: schedules of serverless-offline have a resolution of minutes and run in every instance. */
const withoutSchedules = (definition: FunctionDefinition): FunctionDefinition => ({
  ...definition,
  events: (definition.events ?? []).filter((event) => !("schedule" in event)),
});
