// Ways to connections: this process's own, those of another instance by its internal route, those of API Gateway by its management API.

import type { Discovery } from "../../../lib/discovery/index.ts";
import { AttemptFailed } from "../../../lib/discovery/peer/attempt.ts";
import { MISDIRECTED } from "../../../lib/discovery/peer/peer.ts";
import { closeConnection, isConnected, postToConnection } from "../../../lib/live/aws-connections.ts";
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

/** To connections that API Gateway holds. */
export const apiTransport: LiveTransport = {
  offer: (endpoint, _instance, ids, { frame }) => {
    const text = JSON.stringify(frame);
    return goneOf(ids, (id) => postToConnection(endpoint, id, text));
  },
  gone: (endpoint, _instance, ids) => goneOf(ids, (id) => isConnected(endpoint, id)),
  end: closeConnection,
};

/** Those for which `isThere` gives false. Rejects when nothing is known of any that may be there. */
async function goneOf(
  ids: readonly string[],
  isThere: (id: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const held = await Promise.allSettled(ids.map(isThere));
  const failure = held.find((outcome) => outcome.status === "rejected");
  // Then nobody has taken it, although some of the connections may be there.
  if (failure !== undefined && !held.some((outcome) => outcome.status === "fulfilled" && outcome.value))
    throw failure.reason;
  return ids.filter((_, index) => {
    const outcome = held[index];
    return outcome?.status === "fulfilled" && !outcome.value;
  });
}
