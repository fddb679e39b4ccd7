// gRPC's connections, on sockets that are already open. Loaded when the first client connects: HTTP/2 takes time and memory.

import { createServer } from "node:http2";
import type { Socket } from "node:net";
import { GrpcClient } from "./client.ts";
import { GrpcServices, type RegistryParts } from "./grpc-services.ts";
import { tallyOfAll } from "./traffic.ts";

const TICK_MS = 1_000;
/** Of one connection at a time. A client of Nacos has one, and a few requests. */
const MAX_CALLS = 100;
/** Megabytes of a connection's headers and streams. Node's default. */
const MAX_SESSION_MEMORY = 10;

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
  const server = createServer({
    settings: { maxConcurrentStreams: MAX_CALLS, enablePush: false },
    maxSessionMemory: MAX_SESSION_MEMORY,
  });
  let connections = 0;
  server.on("session", (session) => {
    const { remoteAddress, remotePort } = session.socket;
    connections += 1;
    const client = new GrpcClient(
      session,
      `${Date.now()}_${remoteAddress}_${remotePort}_${connections}`,
      services,
      total,
    );
    clients.add(client);
    session.once("close", () => clients.delete(client));
  });
  const ticks = setInterval(() => {
    for (const client of clients) client.tick();
  }, TICK_MS);
  return {
    services,
    take: (socket) => server.emit("connection", socket),
    close: () => clearInterval(ticks),
  };
}
