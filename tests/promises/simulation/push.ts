// Push in a simulation: users' connections and browsers, with records of both whose indexes lag behind, and what reached whom.

import type { ConnectionRecord } from "../../../functions/notifications/live/connection-records.ts";
import { type Subscription, subscriptionOf } from "../../../functions/notifications/push/subscription.ts";
import { derivedVapidKey } from "../../../functions/notifications/push/vapid-keys.ts";
import { PlacesNow } from "../../support/memory-places.ts";
import { PushBrowser } from "../../support/push-browser.ts";
import { START, type UserName } from "./terms.ts";

export const VAPID_KEY = derivedVapidKey("a secret of the simulation");

const browserNo = (n: number) => new PushBrowser(`https://push.example/${n}`).toJSON();

/** Ann's own, one of hers that its push service has forgotten, Sal's own, and one that Ann shares with Bob. */
const BROWSERS = { ann: browserNo(1), forgotten: browserNo(2), sal: browserNo(3), shared: browserNo(4) };

/** Whether the push service does not know the browser at `endpoint` any more. */
export const isForgotten = (endpoint: string): boolean => endpoint === BROWSERS.forgotten.endpoint;

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
  readonly places = new PlacesNow();
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
        opened_on: 0,
        expires_on: Number.MAX_SAFE_INTEGER,
      };
      this.connections.put({ id: `${user}'s connection`, user_id: user, ...held }, START);
    }
  }
}
