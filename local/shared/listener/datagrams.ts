// The one way to send datagrams: the socket is a listener as well, whatever it is for.

import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { requireReach } from "./listen.ts";

/**
 * A UDP socket on any free port of `host`, for this machine alone. What arrives there is dropped unread.
 * @throws {BeyondLoopback}, or Node's own error when the address can't be had.
 */
export async function datagramSender(host: string): Promise<Socket> {
  requireReach(host, "loopback");
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const bound = Promise.withResolvers<void>();
  socket.once("error", bound.reject);
  socket.bind({ port: 0, address: host, exclusive: true }, bound.resolve);
  await bound.promise;
  socket.removeListener("error", bound.reject);
  return socket;
}
