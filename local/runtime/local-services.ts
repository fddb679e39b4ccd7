// Chooses the services that this process runs and their ports, from serverless.yml, .env and the command line.

import type { ServiceDefinition } from "../../functions/services.ts";
import { logFileName, portVariable } from "../../lib/core/service-name.ts";
import { GATEWAY, servicesNamed } from "../gateway/wanted.ts";
import type { CommandLine, FunctionDefinition } from "../shared/serverless-types.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** A service of this process and its port. */
export interface LocalService {
  /** Name in the registry: `OrderService`. */
  readonly name: string;
  readonly key: string;
  readonly port: number;
  /** Where to change the port, for error messages: `ORDER_SERVICE_PORT in .env` or `--httpPort`. */
  readonly portSource: string;
  readonly logFile: string;
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  /** The path of its WebSocket API, if it has one. */
  readonly socketPath: string | undefined;
  /** Keys of the functions that the sweep invokes. */
  readonly relays: readonly string[];
  /** Its tables, by their short names. */
  readonly tables: readonly string[];
}

/**
 * The services to run, on their `ports` by name. `--service orders,payments` selects some; `--httpPort 8011` gives the first
 * that port and each further one the next, and takes precedence over .env.
 * @throws {StartUpError} for a service that does not exist, or an invalid port.
 */
export function chooseServices(
  definitions: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  ports: ReadonlyMap<string, number>,
  commandLine: CommandLine,
): readonly LocalService[] {
  const firstPort = portOption(commandLine["httpPort"]);
  return named(definitions, commandLine["service"]).map((definition, index) => {
    const { service: name } = definition.contract;
    const configured = ports.get(name) ?? definition.port;
    const port = firstPort === undefined ? configured : firstPort + index;
    return {
      name,
      key: definition.key,
      port,
      portSource: firstPort === undefined ? `${portVariable(name)} in .env` : "--httpPort",
      logFile: logFileOf(name, port === configured ? undefined : port),
      functions: functionsOf(definition, functions),
      socketPath: definition.sockets?.path,
      relays: definition.relays.map(({ name }) => name),
      tables: definition.tables.map(({ name }) => name),
    };
  });
}

/** A further instance has its own file, `order-service.8011.log`: two processes cannot rotate the same file. */
const logFileOf = (service: string, otherPort: number | undefined): string =>
  otherPort === undefined
    ? logFileName(service)
    : logFileName(service).replace(/\.log$/, `.${otherPort}.log`);

/** The functions whose handlers are in the service's folder. */
const functionsOf = (
  { key }: ServiceDefinition,
  functions: Readonly<Record<string, FunctionDefinition>>,
): Readonly<Record<string, FunctionDefinition>> =>
  Object.fromEntries(
    Object.entries(functions).filter(([, { handler }]) => handler.startsWith(`functions/${key}/`)),
  );

function named(definitions: readonly ServiceDefinition[], option: unknown): readonly ServiceDefinition[] {
  const wanted = servicesNamed(option);
  if (wanted.length === 0) return definitions;
  const all = [...definitions.map(({ key }) => key), GATEWAY];
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    const known = all.join(", ");
    throw new StartUpError("service_unknown", `There is no service "${unknown}". --service takes: ${known}.`);
  }
  return definitions.filter(({ key }) => wanted.includes(key));
}

function portOption(option: unknown): number | undefined {
  if (option === undefined || option === "") return undefined;
  const port = Number(option);
  if (Number.isInteger(port) && port >= 1 && port <= 65_533) return port;
  throw new StartUpError("port_invalid", `--httpPort must be a port, such as 8011 (is "${String(option)}").`);
}
