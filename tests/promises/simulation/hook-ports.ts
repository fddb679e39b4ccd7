// The ports of webhooks of a simulated process.

import type { Answer, WebhookPorts } from "../../../functions/notifications/webhooks/webhook-ports.ts";
import type { Hint } from "../../../lib/outbox/hint.ts";
import { over, type StorePort, storePort, tableFor } from "./ports.ts";
import type { Instance, World } from "./world.ts";

/** The ports of webhooks as the process of `node` has them. */
export function webhookPortsFor(world: World, node: Instance, hint: Hint): WebhookPorts {
  const { hooks, scheduler } = world;
  const store = storePort(world, node, "webhooks");
  return {
    records: stored(store, hooks.records),
    log: stored(store, hooks.log),
    table: tableFor(world, node, world.stores.deliveries, "deliveries"),
    sender: {
      send({ url }, message, timeoutMs) {
        const at = hooks.webhooks.find((webhook) => webhook.url === url)?.id ?? "";
        const sent = over(world, node, "webhook", (refuses) => {
          hooks.received.push({ at, message, accepted: !refuses });
          return answered(refuses ? 503 : 200);
        }).catch(() => unanswered("connection lost"));
        const { promise, resolve } = Promise.withResolvers<Answer>();
        // It may arrive all the same.
        scheduler.after(timeoutMs, node.process, () => resolve(unanswered("timeout")));
        return Promise.race([sent, promise]);
      },
    },
    anywhere: false,
    hint,
  };
}

const answered = (status: number): Answer => ({ status, reason: null, reply: "", duration_ms: 1 });
const unanswered = (reason: string): Answer => ({ status: null, reason, reply: "", duration_ms: 1 });

/** Each method of `memory` as a call of the store. Its methods must take effect at once. */
function stored<T extends object>(store: StorePort, memory: T): T {
  return new Proxy(memory, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => store(String(key), () => Reflect.apply(member, target, given));
    },
  });
}
