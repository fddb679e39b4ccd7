// Where a server may listen, and the port it got.

import { rmSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { isLoopback } from "../../../lib/core/host.ts";

export interface Address {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** `loopback`: for this machine only, whatever the settings are. `configured`: on HOST. */
export type Reach = "loopback" | "configured";

/** A listener for this machine only was to listen on another address. */
export class BeyondLoopback extends Error {
  readonly code = "beyond_loopback";

  constructor(host: string) {
    super(`This listens on loopback only, not on ${host}.`);
    this.name = "BeyondLoopback";
  }
}

/** @throws {BeyondLoopback} */
export function requireReach(host: string, reach: Reach): void {
  if (reach === "loopback" && !isLoopback(host)) throw new BeyondLoopback(host);
}

/** Resolves with the port. @throws {BeyondLoopback}, or Node's own error (`EADDRINUSE`). */
export async function listenAt(server: Server, { host, port }: Address, reach: Reach): Promise<number> {
  requireReach(host, reach);
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
  const address = server.address();
  return isInfo(address) ? address.port : port;
}

/** Listens on a local socket, which only programs of the same user reach, or on a named pipe of Windows. @throws Node's own error. */
export async function listenAtPath(server: Server, path: string): Promise<void> {
  // Left by a process that was killed: whoever listens here has the folder for itself.
  rmSync(path, { force: true });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(path, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
}

const isInfo = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null;
