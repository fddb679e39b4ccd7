// The way to connections that API Gateway holds, by its management API.

import { closeConnection, isConnected, postToConnection } from "../../../lib/live/aws-connections.ts";
import type { LiveTransport } from "./live-ports.ts";

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
