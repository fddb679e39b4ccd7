// The map in the API of api.ts: services, their instances, and the calls between them.

/**
 * `starting` is not broken. `slow`: its process is there, and does not answer or report in time, as on a busy machine. `paused`: stopped by a
 * signal or by an action. `down`: its process has ended, or nobody listens at its port.
 */
export type InstanceState = "starting" | "ok" | "degraded" | "slow" | "paused" | "draining" | "down";

export interface SystemMap {
  readonly at: number;
  readonly nodes: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  readonly runtimes: readonly RuntimeView[];
  /** Whether a runtime starts, also one that is not among them because it has not reported yet. */
  readonly starting: boolean;
  readonly registry: Backend;
  readonly database: Backend;
  /** Calls that failed within the last minute, at all edges that begin at `client` (outside the system). */
  readonly failed_last_minute: number;
}

export interface Backend {
  /** `embedded`, `nacos`, `dynamodb`, `static` or `none`. */
  readonly kind: string;
  readonly address: string | null;
  readonly state: "ok" | "down" | "unknown";
}

/** A service, also one that only others' spans mention: of another language, or outside. */
export interface ServiceNode {
  /** `OrderService`, `gateway`, or what a span's `service.name` says. */
  readonly name: string;
  /** `own`: of this project. `other`: known by spans alone. */
  readonly origin: "own" | "other";
  readonly state: InstanceState | "unknown";
  readonly instances: readonly InstanceView[];
  /** Requests that it has answered. */
  readonly traffic: Traffic;
}

export interface InstanceView {
  /** As it is registered. */
  readonly id: string;
  readonly runtime: string | null;
  readonly url: string | null;
  readonly state: InstanceState;
  readonly version: string | null;
  readonly uptime_ms: number | null;
  readonly in_flight: number | null;
  readonly connections: number | null;
  /** As callers' balancers see it. */
  readonly balancer: "available" | "ejected" | "unhealthy" | "disabled" | null;
  /** The checks of `/health/`: database, registry, outbox. */
  readonly checks: Readonly<Record<string, string>>;
}

/** A process of the local runtime. */
export interface RuntimeView {
  readonly id: string;
  readonly pid: number;
  readonly state: InstanceState;
  readonly started_at: number;
  readonly services: readonly string[];
  readonly memory_bytes: number | null;
  /** Share of one core over the last report, 0 to 1 and above. */
  readonly cpu: number | null;
  /** By how much its event loop was late, of ten looks a second in the last five. */
  readonly event_loop_p99_ms: number | null;
  /** Stopped most of the time, by the action `slow`. */
  readonly slowed: boolean;
}

/** Over the last {@link window_ms}. */
export interface Traffic {
  readonly window_ms: number;
  readonly per_second: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  readonly count: number;
  readonly errors: number;
}

/** Calls of one service (or `client`: outside) to another, a database, a provider or a mail server. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** `http`, `database`, `provider`, `mail`, `messaging` */
  readonly kind: string;
  readonly traffic: Traffic;
}
