// The way to connections that instances of this service hold: this process's own, and those of another one by its internal route.

import type { Discovery } from "../../../lib/discovery/index.ts";
import { AttemptFailed } from "../../../lib/discovery/peer/attempt.ts";
import { MISDIRECTED } from "../../../lib/discovery/peer/peer.ts";
import { notifications } from "../contract.ts";
import type { LiveTransport, Offer } from "./live-ports.ts";

/** Milliseconds that another instance may take. */
const OFFER_MS = 2_000;

export interface InstanceTransportPorts {
  readonly call: Discovery["callInstance"];
  /** A token for this service's own internal routes. */
  token(): Promise<string>;
  /** The id of this instance. */
  instance(): string;
  /** Of the connections of this process, those that are gone; offers to the others, if there is an offer. */
  offerHere(ids: readonly string[], offer: Offer | undefined): readonly string[];
}

/** To connections that instances of this service hold. An instance that is gone, or another now at its address, has none of them. */
export function instanceTransport(ports: InstanceTransportPorts): LiveTransport {
  async function gone(endpoint: string, instance: string, ids: readonly string[], offer?: Offer) {
    if (instance === ports.instance()) return ports.offerHere(ids, offer);
    try {
      const reply = await ports.call(
        notifications.service,
        { origin: endpoint, instance },
        {
          method: notifications.routes.offerLive.method,
          path: notifications.routes.offerLive.path,
          headers: { authorization: `Bearer ${await ports.token()}`, "content-type": "application/json" },
          body: JSON.stringify({ connections: ids, ...offer }),
        },
        OFFER_MS,
      );
      if (reply.status === MISDIRECTED) return ids;
      if (reply.status !== 200) throw new Error(`${endpoint} answered ${reply.status} for live connections`);
      return notifications.routes.offerLive.replies[200].schema.parse(JSON.parse(reply.body)).gone;
    } catch (error) {
      if (error instanceof AttemptFailed && error.kind === "unreachable") return ids;
      throw error;
    }
  }
  return {
    offer: gone,
    gone: (endpoint, instance, ids) => gone(endpoint, instance, ids),
    // Each process ends its own in time.
    end: async () => {},
  };
}
