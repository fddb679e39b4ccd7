// SampleService put together: its store and its relay. Handlers take what they need from here.

import { deriveKeys } from "../../lib/auth/keys.ts";
import { perSettings } from "../../lib/config/per-settings.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { platform } from "../../lib/platform/platform.ts";
import type { SamplePorts } from "./ports.ts";
import { createSampleItemRelay } from "./sample-item-relay.ts";
import { type SampleItemStore, sampleItemStore } from "./sample-item-store.ts";

export interface SampleService {
  readonly ports: SamplePorts;
  readonly store: SampleItemStore;
  readonly relay: Relay;
}

/** SampleService over given ports. */
export function createSampleService(ports: SamplePorts): SampleService {
  const store = sampleItemStore(ports.table);
  return { ports, store, relay: createSampleItemRelay(store, ports) };
}

/** This process's SampleService. */
export const sampleService: () => SampleService = perSettings(() => {
  const { secrets, table } = platform();
  return createSampleService({
    table: table("samples"),
    cursorKeys: deriveKeys(secrets, "cursor"),
    now: Date.now,
  });
});
