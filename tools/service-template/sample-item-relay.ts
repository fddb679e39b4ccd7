// What is due of a sample item: its end once its time is over. Events for others would be delivered here as well, from an
// outbox in the sample item; see functions/orders/order-relay.ts.

import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import { samples } from "./contract.ts";
import type { SamplePorts } from "./ports.ts";
import { sampleItemRelay } from "./relays.ts";
import { expireSampleItem, type SampleItem } from "./sample-item.ts";
import type { SampleItemStore } from "./sample-item-store.ts";

/** The relay of sample items. */
export const createSampleItemRelay = (store: SampleItemStore, { now }: Pick<SamplePorts, "now">): Relay =>
  createRelay<SampleItem>({
    name: sampleItemRelay.name,
    service: samples.service,
    store,
    now,
    async perform(sampleItem, time) {
      if (expireSampleItem(sampleItem, time) === sampleItem) return undefined;
      return { record: (current) => expireSampleItem(current, now()), repeatable: false };
    },
  });
