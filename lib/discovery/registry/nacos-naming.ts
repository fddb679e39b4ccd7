// What the registry client needs of one of Nacos' naming APIs. Adapters: nacos-v1.ts, nacos-v3.ts, nacos-grpc.ts.

import type { NacosTransport } from "../../nacos/transport.ts";
import type { Instance, Registration } from "./registry.ts";
import { HEARTBEAT } from "./renewal.ts";

/** Namespace, group and cluster in which this client registers and looks up instances. */
export interface NacosScope {
  readonly namespace: string;
  readonly group: string;
  readonly cluster: string;
}

export interface NacosNamingOptions extends NacosScope {
  readonly transport: NacosTransport;
}

/** One of Nacos' naming APIs. Every method rejects with `RegistryUnavailable` or `RegistryRefused`. */
export interface NacosNaming {
  register(registration: Registration): Promise<void>;
  deregister(registration: Registration): Promise<void>;
  /** Sends one heartbeat where the API needs them; registers the instance again when the server no longer knows it. */
  beat(registration: Registration): Promise<void>;
  list(service: string): Promise<readonly Instance[]>;
  /**
   * Calls `onChange` when the service has changed: with the new list, where it came over a connection to the server; without one
   * where anyone could have sent it, so that the caller has to list the instances. Absent where the API has no push.
   */
  subscribe?(service: string, onChange: (instances?: readonly Instance[]) => void): Promise<Feed>;
  /** Ends the subscription; nothing to do where that ends by itself. */
  unsubscribe?(service: string): void;
  /** Frees timers and sockets. What was registered over a connection ends with it; otherwise it does not deregister. */
  close(): Promise<void>;
}

/** What a subscriber gets: nothing, hints of which some may be lost, or every new list as long as the server is reachable. */
export type Feed = "nothing" | "hints" | "lists";

/** The metadata to register, with the times after which Nacos marks an instance without heartbeats unhealthy and removes it. */
export const announcedMetadata = ({ metadata }: Registration): Record<string, string> => ({
  ...metadata,
  "preserved.heart.beat.interval": String(HEARTBEAT.interval),
  "preserved.heart.beat.timeout": String(HEARTBEAT.timeout),
  "preserved.ip.delete.timeout": String(HEARTBEAT.deleteAfter),
});
