// What the runtime and its sidecar tell each other over the IPC channel; plain JSON.

import type { Config } from "../../lib/config/env.ts";

/** One service to watch and announce. */
export interface Watched {
  /** Name in the registry: `OrderService`. */
  readonly service: string;
  /** Where it listens, for probes. */
  readonly probeHost: string;
  /** What peers connect to. */
  readonly host: string;
  readonly port: number;
  /** Id of the process that must answer. */
  readonly instance: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ToSidecar =
  | { readonly type: "watch"; readonly config: Config; readonly services: readonly Watched[] }
  /** Deregister, answer `stopped`, and end. */
  | { readonly type: "stop" };

export type FromSidecar =
  | { readonly type: "registered"; readonly service: string }
  | { readonly type: "deregistered"; readonly service: string; readonly reason: string }
  /** The registry did not take it in or out; said once until it does. */
  | {
      readonly type: "failed";
      readonly service: string;
      readonly action: "register" | "deregister";
      readonly error: string;
    }
  | { readonly type: "stopped" }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    };
