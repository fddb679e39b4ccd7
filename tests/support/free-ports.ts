// Ports of servers in tests, and free ones for processes that need a given one.

import type { Server } from "node:net";

export { freePortGroup, freePorts } from "../../tools/own-system/free-ports.ts";

/** The port a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server does not listen on a port");
  return address.port;
}

/** Lets `server` listen on loopback, by default on a port that the kernel chooses; gives the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return portOf(server);
}
