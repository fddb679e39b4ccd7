// Looks at a running system once: services, their instances, registry, database and outboxes. Everything is asked at the same
// time and waited for briefly, so that a part that is away costs no more than that.

import type * as z from "zod";
import type { healthReport } from "../../lib/contract/schemas.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import type { Instance } from "../../lib/discovery/index.ts";
import type { OutboxStanding } from "../../lib/outbox/standing.ts";
import type { PromisesView } from "../../local/control-room/orders/contract.ts";

export type HealthReport = Readonly<z.infer<ReturnType<typeof healthReport>>>;

/** What OrderService says of an instance that it calls. */
export interface CallersView {
  readonly host: string;
  readonly port: number;
  readonly ejected: boolean;
  readonly in_flight: number;
  readonly latency_ms: number | null;
}

/** A service of the settings. */
export interface KnownService {
  readonly service: string;
  /** Where the settings say that it listens. */
  readonly configured: { readonly host: string; readonly port: number };
}

/** What a survey asks; each question rejects when it has no answer. */
export interface SurveyPorts {
  readonly services: readonly KnownService[];
  readonly registry: string;
  readonly database: string;
  /** The registry's list of a service. */
  list(
    service: string,
  ): Promise<readonly Pick<Instance, "host" | "port" | "healthy" | "enabled" | "metadata">[]>;
  /** The reply of `/health/` at an address. */
  health(host: string, port: number): Promise<HealthReport>;
  /** What the OrderService at an address says of a service. */
  discover(host: string, port: number, service: string): Promise<readonly CallersView[]>;
  /** Resolves when the database answers. */
  databaseAnswers(): Promise<void>;
  outbox(service: string): Promise<OutboxStanding>;
  /** Where the gateway answers. */
  gateway(): Promise<string>;
  /** Where the control room answers. */
  controlRoom(): Promise<string>;
  /** What the control room says of the promises. */
  promises(): Promise<PromisesView>;
  /** Whether the control room says that a runtime starts. */
  starting(): Promise<boolean>;
}

/**
 * `ok`, `degraded`: as its health says. `draining`: it serves what it has, and gets no more. `silent`: nobody answers there.
 * `replaced`: somebody else answers there.
 */
export type InstanceState = "ok" | "degraded" | "draining" | "silent" | "replaced";

export interface SeenInstance {
  readonly host: string;
  readonly port: number;
  readonly state: InstanceState;
  /** Whether the registry lists it; null while the registry does not answer. */
  readonly registered: boolean | null;
  /** The registry's opinion; null where it has none. */
  readonly healthy: boolean | null;
  readonly enabled: boolean | null;
  readonly version: string | null;
  readonly uptime_s: number | null;
  readonly pid: string | null;
  /** Its checks that are not ok, with the reason where that is known. */
  readonly trouble: readonly string[];
  /** What OrderService says of it; null where nobody could be asked. */
  readonly callers: CallersView | null;
}

export interface Answering {
  readonly address: string;
  /** Null while it answers, else why it does not. */
  readonly failure: string | null;
}

export interface Survey {
  readonly services: readonly { readonly service: string; readonly instances: readonly SeenInstance[] }[];
  readonly registry: Answering;
  readonly database: Answering;
  /** Where it answers; null where it does not, or is none: it runs beside all services only. */
  readonly gateway: string | null;
  /** Where it answers; null where none does. */
  readonly control_room: string | null;
  /** By service; null where the database did not say. */
  readonly outbox: Readonly<Record<string, OutboxStanding | null>>;
  /** Null where no control room watches them. */
  readonly promises: PromisesView | null;
  /** False where no control room says so. */
  readonly starting: boolean;
}

/** Milliseconds that a question may take. */
const WITHIN_MS = 2_000;
const CALLER = "OrderService";

/** Asks everything once. Never rejects: what has no answer is shown as that. */
export async function survey(ports: SurveyPorts, withinMs = WITHIN_MS): Promise<Survey> {
  const soon = <T>(question: () => Promise<T>): Promise<Answer<T>> => answerOf(question, withinMs);
  const [lists, database, outbox, gateway, room, promises, starting] = await Promise.all([
    Promise.all(ports.services.map(({ service }) => soon(() => ports.list(service)))),
    soon(() => ports.databaseAnswers()),
    Promise.all(ports.services.map(({ service }) => soon(() => ports.outbox(service)))),
    soon(() => ports.gateway()),
    soon(() => ports.controlRoom()),
    soon(() => ports.promises()),
    soon(() => ports.starting()),
  ]);
  const services = await Promise.all(
    ports.services.map(async (known, index) => {
      const listed = lists[index]?.value;
      const places = placesOf(known, listed ?? []);
      const seen = await Promise.all(
        places.map(async (place) => {
          const { value } = await soon(() => ports.health(place.host, place.port));
          return instanceAt(known, place, listed !== undefined, value);
        }),
      );
      return { service: known.service, instances: seen.flatMap((one) => one ?? []) };
    }),
  );
  return {
    services: await withCallers(services, ports, soon),
    registry: {
      address: ports.registry,
      failure: lists.find(({ failure }) => failure !== null)?.failure ?? null,
    },
    database: { address: ports.database, failure: database.failure },
    gateway: gateway.value ?? null,
    control_room: room.value ?? null,
    outbox: Object.fromEntries(
      ports.services.map(({ service }, index) => [service, outbox[index]?.value ?? null]),
    ),
    promises: promises.value ?? null,
    starting: starting.value ?? false,
  };
}

interface Answer<T> {
  readonly value?: T;
  readonly failure: string | null;
}

async function answerOf<T>(question: () => Promise<T>, withinMs: number): Promise<Answer<T>> {
  const late = Promise.withResolvers<Answer<T>>();
  const timer = setTimeout(() => late.resolve({ failure: `no answer within ${withinMs} ms` }), withinMs);
  const answer = question().then(
    (value) => ({ value, failure: null }),
    (error: unknown) => ({ failure: messageOf(error) }),
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** What the registry says of it; undefined for an address that only the settings name. */
  readonly listed?: Awaited<ReturnType<SurveyPorts["list"]>>[number];
}

/** What the registry lists, and the address in the settings unless it is among that. */
function placesOf(
  { configured }: KnownService,
  listed: Awaited<ReturnType<SurveyPorts["list"]>>,
): readonly Place[] {
  const places = listed.map((one) => ({ host: one.host, port: one.port, listed: one }));
  return places.some(({ port }) => port === configured.port) ? places : [configured, ...places];
}

/** Undefined for the address in the settings when nobody is there: the registry says who runs. */
function instanceAt(
  { service }: KnownService,
  { host, port, listed }: Place,
  registryAnswers: boolean,
  health: HealthReport | undefined,
): SeenInstance | undefined {
  if (listed === undefined && (health === undefined || health.service !== service)) return undefined;
  return {
    host,
    port,
    state: stateOf(service, listed?.metadata["instance"], health),
    registered: registryAnswers ? listed !== undefined : null,
    healthy: listed?.healthy ?? null,
    enabled: listed?.enabled ?? null,
    version: health?.version ?? listed?.metadata["version"] ?? null,
    uptime_s: health?.uptime_s ?? null,
    pid: listed?.metadata["pid"] ?? null,
    trouble: Object.entries(health?.checks ?? {})
      .filter(([, condition]) => condition !== "ok")
      .map(([check, condition]) => `${check} ${health?.reasons?.[check] ?? condition}`),
    callers: null,
  };
}

function stateOf(
  service: string,
  instance: string | undefined,
  health: HealthReport | undefined,
): InstanceState {
  if (health === undefined) return "silent";
  const other = instance !== undefined && instance !== health.instance;
  if (health.service !== service || other) return "replaced";
  return health.status === "down" ? "draining" : health.status;
}

/** Adds what an OrderService that serves says of each instance. */
async function withCallers(
  services: Survey["services"],
  ports: SurveyPorts,
  soon: <T>(question: () => Promise<T>) => Promise<Answer<T>>,
): Promise<Survey["services"]> {
  const caller = services
    .find(({ service }) => service === CALLER)
    ?.instances.find(({ state }) => state === "ok" || state === "degraded");
  if (caller === undefined) return services;
  return Promise.all(
    services.map(async ({ service, instances }) => {
      const { value = [] } = await soon(() => ports.discover(caller.host, caller.port, service));
      const viewOf = (one: SeenInstance) =>
        value.find(({ host, port }) => host === one.host && port === one.port) ?? null;
      return { service, instances: instances.map((one) => ({ ...one, callers: viewOf(one) })) };
    }),
  );
}
