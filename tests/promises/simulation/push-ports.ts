// The ports of live connections and of Web Push of a simulated process.

import type { ConnectionRecords } from "../../../functions/notifications/live/connection-records.ts";
import type { LivePorts } from "../../../functions/notifications/live/live-ports.ts";
import type { PushPorts } from "../../../functions/notifications/push/push-ports.ts";
import type { SubscriptionRecords } from "../../../functions/notifications/push/subscription-records.ts";
import { over, storePort } from "./ports.ts";
import { isForgotten, VAPID_KEY } from "./push.ts";
import type { Instance, World } from "./world.ts";

/** The ports of live connections as the process of `node` has them. */
export function livePortsFor(world: World, node: Instance): LivePorts {
  const { push } = world;
  const store = storePort(world, node, "connections");
  const records: ConnectionRecords = {
    read: (id) => store("get", () => push.connections.get(id)),
    of: (user) =>
      store("query", () => {
        const found = push.connections.idsOf(user, world.scheduler.now).map((id) => push.connections.get(id));
        return found.filter((record) => record !== undefined);
      }),
    // Nobody connects in a simulation.
    idsOf: async () => [],
    add: async () => true,
    remove: ({ id }) => store("delete", (visibleAt) => push.connections.delete(id, visibleAt)),
  };
  return {
    streams: new Map(),
    records,
    transport: {
      offer: (_endpoint, _instance, ids, { frame }) =>
        over(world, node, "live", (closes) => {
          for (const id of closes ? ids : []) push.closed.add(id);
          const notification =
            frame.type === "notification" && "id" in frame.notification ? String(frame.notification.id) : "";
          for (const at of ids) {
            const user = push.connections.get(at)?.user_id ?? "";
            if (!push.closed.has(at)) push.taken.push({ notification, at, user });
          }
          return ids.filter((id) => push.closed.has(id));
        }),
      gone: async () => [],
      end: async () => {},
    },
    endings: { set: () => {}, clear: () => {} },
    defaultLocale: "en",
    now: () => Date.now(),
    failed: () => {},
  };
}

/** The ports of Web Push as the process of `node` has them. */
export function pushPortsFor(world: World, node: Instance): PushPorts {
  const { push } = world;
  const store = storePort(world, node, "subscriptions");
  const records: SubscriptionRecords = {
    inUse: () => store("get", () => push.subscribed.size > 0),
    read: (id) => store("get", () => push.subscriptions.get(id)),
    idsOf: (user) => store("query", () => push.subscriptions.idsOf(user, world.scheduler.now)),
    write: (record) => store("put", (visibleAt) => push.subscriptions.put(record, visibleAt)),
    remove: ({ id }) => store("delete", (visibleAt) => push.subscriptions.delete(id, visibleAt)),
    placesOf: (user) => store("get", () => push.places.of(user)),
    takePlace: ({ id, user_id }, most) => store("update", () => push.places.take(user_id, id, most)),
    freePlace: ({ id, user_id }) => store("update", () => push.places.free(user_id, id)),
  };
  return {
    records,
    vapidKeys: () => [VAPID_KEY],
    sender: {
      send: ({ id: at, endpoint, user_id: user }, message, { topic }) =>
        over(world, node, "web push", () => {
          if (isForgotten(endpoint)) return "gone";
          push.accepted.push({ notification: String(JSON.parse(message).id), topic, at, user });
          return "accepted";
        }),
    },
    anywhere: false,
  };
}
