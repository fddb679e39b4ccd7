// What the registry client needs of one of Nacos' naming APIs. Adapters: nacos-v1.ts, nacos-v3.ts.

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
  /** Sends one heartbeat; registers the instance again when the server no longer knows it. */
  beat(registration: Registration): Promise<void>;
  list(service: string): Promise<readonly Instance[]>;
  /**
   * Calls `onHint` when the server reports that the service may have changed. Only a hint: it came in an unauthenticated
   * datagram that anyone can send, so the caller has to list the instances. Absent where the API has no push.
   * @returns whether the server pushes.
   */
  subscribe?(service: string, onHint: () => void): Promise<boolean>;
  /** Frees timers and sockets. Does not deregister. */
  close(): Promise<void>;
}

/** The metadata to register, with the times after which Nacos marks an instance without heartbeats unhealthy and removes it. */
export const announcedMetadata = ({ metadata }: Registration): Record<string, string> => ({
  ...metadata,
  "preserved.heart.beat.interval": String(HEARTBEAT.interval),
  "preserved.heart.beat.timeout": String(HEARTBEAT.timeout),
  "preserved.ip.delete.timeout": String(HEARTBEAT.deleteAfter),
});
