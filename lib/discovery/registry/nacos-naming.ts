// What the registry client needs of one of Nacos' naming APIs. Adapters: nacos-v1.ts, nacos-v3.ts.

import type { NacosTransport } from "../../nacos/transport.ts";
import type { Instance, Registration } from "./registry.ts";
import { HEARTBEAT } from "./renewal.ts";

/** Where this client's instances are announced and looked for: nothing outside is seen. */
export interface NacosScope {
  readonly namespace: string;
  readonly group: string;
  readonly cluster: string;
}

export interface NacosNamingOptions extends NacosScope {
  readonly transport: NacosTransport;
}

/** Everything rejects with `RegistryUnavailable` or `RegistryRefused`. */
export interface NacosNaming {
  register(registration: Registration): Promise<void>;
  deregister(registration: Registration): Promise<void>;
  /** Renews what was registered; brings it back when the server knows nothing of it any more. */
  beat(registration: Registration): Promise<void>;
  list(service: string): Promise<readonly Instance[]>;
  /**
   * Calls `onHint` when the server says that the service may have changed. Only a hint: it came by an unprotected
   * datagram that anyone may have sent, so the list itself has to be asked for. Absent where the server tells nothing.
   */
  subscribe?(service: string, onHint: () => void): Promise<void>;
  /** Frees timers and sockets; deregisters nothing. */
  close(): Promise<void>;
}

/** The metadata to announce: with the times after which Nacos calls a silent instance unhealthy and removes it. */
export const announcedMetadata = ({ metadata }: Registration): Record<string, string> => ({
  ...metadata,
  "preserved.heart.beat.interval": String(HEARTBEAT.interval),
  "preserved.heart.beat.timeout": String(HEARTBEAT.timeout),
  "preserved.ip.delete.timeout": String(HEARTBEAT.deleteAfter),
});
