// The listener for protocols other than HTTP.

import { createServer, type Server, type Socket } from "node:net";
import type { TcpLimits } from "./limits.ts";
import { type Address, listenAt } from "./listen.ts";

export interface TcpListener {
  /** Listens on loopback. Resolves with the port. @throws Node's own error (`EADDRINUSE`) when the address can't be used. */
  open(address: Address): Promise<number>;
  /** Closes every connection at once. */
  close(): Promise<void>;
}

/**
 * A server for this machine only; `take` gets each connection. Not yet listening. `allowHalfOpen`: a client that says no more may still be
 * answered, and `take` ends the connection.
 */
export function tcpListener(
  { connections, firstMs, silentMs, totalMs }: TcpLimits,
  take: (socket: Socket) => void,
  { allowHalfOpen = false }: { readonly allowHalfOpen?: boolean } = {},
): TcpListener {
  const open = new Set<Socket>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen }, (socket) => {
    open.add(socket);
    // Ignored: the client was killed. An error without a listener would end this process.
    socket.on("error", () => {});
    const first = setTimeout(() => socket.bytesRead === 0 && socket.destroy(), firstMs);
    const total = Number.isFinite(totalMs) ? setTimeout(() => socket.destroy(), totalMs) : undefined;
    socket.on("close", () => {
      clearTimeout(first);
      clearTimeout(total);
      open.delete(socket);
    });
    if (Number.isFinite(silentMs)) socket.setTimeout(silentMs, () => socket.destroy());
    take(socket);
  });
  server.maxConnections = connections;
  return {
    open: (address) => listenAt(server, address, "loopback"),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
