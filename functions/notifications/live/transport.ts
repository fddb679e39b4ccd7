// Ways to connections: this process's own, those of another instance by its internal route, those of API Gateway by its management API.

import type { Discovery } from "../../../lib/discovery/index.ts";
import { AttemptFailed } from "../../../lib/discovery/peer/attempt.ts";
import { MISDIRECTED } from "../../../lib/discovery/peer/peer.ts";
import { postToConnection } from "../../../lib/live/aws-connections.ts";
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
  offerHere(ids: readonly string[], offer: Offer): readonly string[];
}

/** To connections that instances of this service hold. An instance that is gone, or another now at its address, has none of them. */
export const instanceTransport = (ports: InstanceTransportPorts): LiveTransport => ({
  async offer(endpoint, instance, ids, offer) {
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
      const { gone } = notifications.routes.offerLive.replies[200].schema.parse(JSON.parse(reply.body));
      return gone;
    } catch (error) {
      if (error instanceof AttemptFailed && error.kind === "unreachable") return ids;
      throw error;
    }
  },
});

/** To connections that API Gateway holds. */
export const apiTransport: LiveTransport = {
  async offer(endpoint, _instance, ids, { frame }) {
    const text = JSON.stringify(frame);
    const held = await Promise.allSettled(ids.map((id) => postToConnection(endpoint, id, text)));
    const failure = held.find((outcome) => outcome.status === "rejected");
    // Then nobody has taken it, although some of the connections may be there.
    if (failure !== undefined && !held.some((outcome) => outcome.status === "fulfilled" && outcome.value))
      throw failure.reason;
    return ids.filter((_, index) => {
      const outcome = held[index];
      return outcome?.status === "fulfilled" && !outcome.value;
    });
  },
};
