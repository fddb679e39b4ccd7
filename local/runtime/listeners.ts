// One listener per service, all in this process: the guard of local/shared/listener, behind it the host for declared routes. All other
// requests are for an emulation, where there is one; without it they are the host's, too.

import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { inProcessListeners } from "../../lib/discovery/peer/in-process.ts";
import { Problem } from "../../lib/http/problem.ts";
import { heldSockets } from "../../lib/live/sockets.ts";
import { createHost, type Host } from "../host/host.ts";
import { inProcessListener } from "../host/in-process.ts";
import { routeFinder } from "../host/routes.ts";
import { socketHost } from "../host/sockets.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { type Answer, httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import { refuse } from "../shared/listener/refuse.ts";
import type { Log } from "../shared/log.ts";
import type { CommandLine, FunctionDefinition, Project } from "../shared/serverless-types.ts";
import type { LocalFunctions } from "./functions.ts";
import { hostedRoutes, hostedSockets, needsEmulation } from "./hosted-routes.ts";
import type { LocalService } from "./local-services.ts";
import { type Emulate, type OnDemand, onDemand } from "./on-demand.ts";

export interface Listener {
  readonly port: number;
  /** Number of requests that have begun to arrive and are not answered yet. */
  underWay(): number;
  /** Number of open connections. */
  connections(): Promise<number>;
  /**
   * From now on each reply closes its connection, so that no peer sends a request to a listener that is stopping, and a balancer
   * is told to ask another instance.
   */
  letGo(): void;
  /** After {@link letGo}: whether a balancer in front of this sends nothing here for now, or there is none. */
  leftOut(): boolean;
  /** Stops listening, and waits for requests in progress, at most 5 s. */
  stop(): Promise<void>;
}

export interface ListenerSettings {
  readonly config: Pick<Config, "HOST" | "DEBUG" | "ALLOWED_HOSTS" | "CORS_ORIGINS">;
  readonly commandLine: CommandLine;
  readonly functions: LocalFunctions;
  /** Makes the emulation for what the host leaves to it; without one the host is alone. */
  readonly emulate?: Emulate | undefined;
  readonly log: Log;
  /** The id under which this process registers its services. */
  readonly instance: string;
  /** The host at which other instances reach this one. */
  readonly reachedAt: string;
}

const STOP_MS = 5_000;

/**
 * Listens for `service`. Rejects with Node's own error (`EADDRINUSE`) when the address can't be used.
 * @throws {Error} when an event of it needs an emulation, and there is none.
 */
export async function startListener(
  project: Project,
  service: LocalService,
  { config, commandLine, functions, emulate, log, instance, reachedAt }: ListenerSettings,
): Promise<Listener> {
  const own: Record<string, FunctionDefinition> = {};
  for (const [key, definition] of Object.entries(service.functions)) {
    own[key] = functions.add(key, withoutSchedules(structuredClone(definition)));
  }
  const alone = emulate === undefined;
  const find = routeFinder(hostedRoutes(service.functions, project.service.provider, functions, { alone }));
  const options = { ...commandLine, host: config.HOST, httpPort: service.port };
  const emulation = emulate && onDemand(emulate(project, own, options, log), log);
  // What is wrong with such an event shows at the start.
  if (needsEmulation(service.functions)) await required(emulation, service).start();
  const rules = {
    reach: "configured",
    hosts: servedNames(config),
    origins: config.CORS_ORIGINS,
    maxBodyBytes: API_BODY_BYTES,
  } as const;
  const sockets = hostedSockets(service.functions, project.service.provider, functions);
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
  const listener = httpListener(guarded, hostedOr(createHost(find), emulation?.answer ?? refuseUnknown));
  const port = await listener.open({ host: config.HOST, port: service.port });
  const inProcess = inProcessListener({ service: service.name, instance, port }, rules, find);
  const removeInProcess = inProcessListeners.add(inProcess);
  return {
    port,
    underWay: () => listener.underWay() + inProcess.underWay(),
    connections: listener.connections,
    letGo: listener.letGo,
    leftOut: listener.leftOut,
    stop: async () => {
      removeInProcess();
      await listener.close(STOP_MS);
      await emulation?.end();
    },
  };
}

const hostedOr =
  (host: Host, otherwise: Answer): Answer =>
  (request, response) => {
    if (!host(request, response)) otherwise(request, response);
  };

/** A service without a function for all other requests. */
const refuseUnknown: Answer = (request, response) =>
  refuse(new Problem(404, "route_not_found", "There is no such route."), request, response);

function required(emulation: OnDemand | undefined, { name }: LocalService): OnDemand {
  if (emulation !== undefined) return emulation;
  throw new Error(
    `${name} has an event that only serverless-offline serves, such as one with an authorizer.`,
  );
}

/** The local runtime has its own sweep: schedules of serverless-offline have a resolution of minutes and run in every instance. */
const withoutSchedules = (definition: FunctionDefinition): FunctionDefinition => ({
  ...definition,
  events: (definition.events ?? []).filter((event) => !("schedule" in event)),
});
