// gRPC's connections, on sockets that are already open. Loaded when the first client connects: HTTP/2 takes time and memory.

import { performServerHandshake } from "node:http2";
import type { Socket } from "node:net";
import { GrpcClient } from "./client.ts";
import { GrpcServices, type RegistryParts } from "./grpc-services.ts";
import { tallyOfAll } from "./traffic.ts";

const TICK_MS = 1_000;
/** Of one connection at a time. A client of Nacos has one, and a few requests. */
const MAX_CALLS = 100;
/** Megabytes of a connection's headers and streams. Node's default. */
const MAX_SESSION_MEMORY = 10;
const SESSION = {
  settings: { maxConcurrentStreams: MAX_CALLS, enablePush: false },
  maxSessionMemory: MAX_SESSION_MEMORY,
};

export interface GrpcServer {
  readonly services: GrpcServices;
  /** Serves a connection. */
  take(socket: Socket): void;
  close(): void;
}

/** @param host this server's address. */
export function grpcServer(parts: RegistryParts, host: string): GrpcServer {
  const services = new GrpcServices(parts, host);
  const total = tallyOfAll();
  const clients = new Set<GrpcClient>();
  const ticks = setInterval(() => {
    for (const client of clients) client.tick();
  }, TICK_MS);
  return {
    services,
    take(socket) {
      const peer = { ip: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
      const session = performServerHandshake(socket, SESSION);
      const client = new GrpcClient(session, peer, services, total);
      clients.add(client);
      session.once("close", () => clients.delete(client));
    },
    close: () => clearInterval(ticks),
  };
}
