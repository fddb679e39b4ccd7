// Messages between the runtime and its sidecar over the IPC channel; plain JSON.

import type { Config } from "../../lib/config/env.ts";

/** One service to watch and register. */
export interface Watched {
  /** Name in the registry: `OrderService`. */
  readonly service: string;
  /** Host for probes. */
  readonly probeHost: string;
  /** Host that is registered for peers. */
  readonly host: string;
  readonly port: number;
  /** Instance id that must answer. */
  readonly instance: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ToSidecar =
  | {
      readonly type: "watch";
      readonly config: Config;
      /** Whether the registry is the embedded one. */
      readonly embedded: boolean;
      readonly services: readonly Watched[];
    }
  /** Deregister, answer `stopped`, and end. */
  | { readonly type: "stop" };

export type FromSidecar =
  | { readonly type: "registered"; readonly service: string }
  | { readonly type: "deregistered"; readonly service: string; readonly reason: string }
  /** The registry refused or did not answer; sent once until it succeeds. */
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
