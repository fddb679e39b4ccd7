// Push in a simulation: users' connections and browsers, with records of both whose indexes lag behind, and what reached whom.

import type {
  ConnectionRecord,
  ConnectionRecords,
} from "../../../functions/notifications/live/connection-records.ts";
import type { LivePorts } from "../../../functions/notifications/live/live-ports.ts";
import type { PushPorts } from "../../../functions/notifications/push/push-ports.ts";
import { type Subscription, subscriptionOf } from "../../../functions/notifications/push/subscription.ts";
import type { SubscriptionRecords } from "../../../functions/notifications/push/subscription-records.ts";
import { derivedVapidKey } from "../../../functions/notifications/push/vapid-keys.ts";
import { DeliveryFailure } from "../../../lib/outbox/failure.ts";
import { PushBrowser } from "../../support/push-browser.ts";
import { storePort } from "./ports.ts";
import { START, type UserName } from "./terms.ts";
import type { Instance, World } from "./world.ts";

const VAPID_KEY = derivedVapidKey("a secret of the simulation");

const browserNo = (n: number) => new PushBrowser(`https://push.example/${n}`).toJSON();

/** Ann's own, one of hers that its push service has forgotten, Sal's own, and one that Ann shares with Bob. */
const BROWSERS = { ann: browserNo(1), forgotten: browserNo(2), sal: browserNo(3), shared: browserNo(4) };

const subscriptionFor = (browser: keyof typeof BROWSERS, user: UserName): Subscription =>
  subscriptionOf(BROWSERS[browser], {
    user: { id: user },
    vapidKeys: [VAPID_KEY.publicKey],
    anywhere: false,
    now: START,
  });

/** What somebody's connection or browser got. */
export interface Reached {
  readonly notification: string;
  readonly topic?: string;
  /** Of a connection its id, of a browser that of its subscription. */
  readonly at: string;
  /** Whose it was when it was looked up. */
  readonly user: string;
}

/** Records by id, with an index of their users that lags. */
class Records<R extends { readonly id: string; readonly user_id: string }> {
  readonly #kept = new Map<string, R>();
  #indexed: { readonly id: string; readonly user: string; readonly from: number; until: number }[] = [];

  get(id: string): R | undefined {
    return this.#kept.get(id);
  }

  put(record: R, visibleAt: number): void {
    this.delete(record.id, visibleAt);
    this.#kept.set(record.id, record);
    this.#indexed.push({
      id: record.id,
      user: record.user_id,
      from: visibleAt,
      until: Number.POSITIVE_INFINITY,
    });
  }

  delete(id: string, visibleAt: number): void {
    this.#kept.delete(id);
    for (const entry of this.#indexed) if (entry.id === id) entry.until = Math.min(entry.until, visibleAt);
  }

  idsOf(user: string, now: number): string[] {
    const seen = this.#indexed.filter(
      (entry) => entry.user === user && entry.from <= now && now < entry.until,
    );
    return seen.map(({ id }) => id);
  }
}

export class Push {
  /** Browser that Ann and Bob share, as it subscribes. */
  readonly shared = BROWSERS.shared;
  /** Those with a subscription that nothing ends, and its id. */
  readonly subscribed = new Map<string, string>();
  readonly connections = new Records<ConnectionRecord>();
  readonly subscriptions = new Records<Subscription>();
  /** Ids of connections that are closed, although they have a record. */
  readonly closed = new Set<string>();
  readonly taken: Reached[] = [];
  readonly accepted: Reached[] = [];

  constructor(browsers: boolean, connected: boolean) {
    if (browsers) {
      this.subscriptions.put(subscriptionFor("forgotten", "ann"), START);
      for (const user of ["ann", "sal"] as const) {
        const own = subscriptionFor(user, user);
        this.subscriptions.put(own, START);
        this.subscribed.set(user, own.id);
      }
      this.subscriptions.put(subscriptionFor("shared", "ann"), START);
    }
    if (!connected) return;
    for (const user of ["ann", "sal"] as const) {
      const held = {
        endpoint: "http://127.0.0.1:8003",
        instance: "one",
        expires_on: Number.MAX_SAFE_INTEGER,
      };
      this.connections.put({ id: `${user}'s connection`, user_id: user, ...held }, START);
    }
  }
}

/** What `effect` makes of a message over the network; its reply may be lost, and the process that sends it may die. */
function over<T>(world: World, node: Instance, what: string, effect: (closes: boolean) => T): Promise<T> {
  const { process } = node;
  const { latency, fault, instance } = world.chance.network();
  if (fault !== undefined) world.fault(`${process.name} ${what}`, fault);
  return new Promise((resolve, reject) => {
    const away = () => reject(new DeliveryFailure("away", fault ?? "away"));
    if (fault === "crash before") return void world.scheduler.after(0, process, () => node.crash());
    world.scheduler.after(latency, process, () => {
      if (fault === "refused") return away();
      const reply = effect(instance === 1);
      if (fault === "crash after") return node.crash();
      return fault === "reply lost" ? away() : resolve(reply);
    });
  });
}

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
    add: (record) => store("put", (visibleAt) => push.connections.put(record, visibleAt)),
    remove: (id) => store("delete", (visibleAt) => push.connections.delete(id, visibleAt)),
  };
  return {
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
    },
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
    remove: (id) => store("delete", (visibleAt) => push.subscriptions.delete(id, visibleAt)),
  };
  return {
    records,
    vapidKeys: () => [VAPID_KEY],
    sender: {
      send: ({ id: at, endpoint, user_id: user }, message, { topic }) =>
        over(world, node, "web push", () => {
          if (endpoint === BROWSERS.forgotten.endpoint) return "gone";
          push.accepted.push({ notification: String(JSON.parse(message).id), topic, at, user });
          return "accepted";
        }),
    },
    anywhere: false,
  };
}
