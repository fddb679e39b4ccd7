// A database for tests of its clients: takes frames, and answers each request as the test says.

import { createServer } from "node:http";
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { FrameReader, FrameWriter, PROTOCOL } from "./frame.ts";

export interface Received {
  readonly operation: string;
  readonly body: string;
  readonly number: number;
  /** The connection it came on, from 1. */
  readonly connection: number;
  readonly socket: Duplex;
  /** Answers it. */
  reply(body?: string, head?: string): void;
}

export interface FrameServer {
  readonly url: string;
  /** All requests so far. */
  readonly received: Received[];
  /** For each chunk that arrived, how many requests ended in it. */
  readonly chunks: number[];
  /** Connections that have changed to frames and are open. */
  readonly open: ReadonlySet<Duplex>;
  close(): Promise<void>;
}

/** `answer` is called with each request as it arrives. */
export async function frameServer(
  answer: (request: Received) => void = (request) => request.reply(),
): Promise<FrameServer> {
  const received: Received[] = [];
  const chunks: number[] = [];
  const open = new Set<Duplex>();
  let connections = 0;

  const server = createServer();
  server.on("upgrade", (_, socket) => {
    connections += 1;
    const connection = connections;
    const reader = new FrameReader();
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.on("end", () => socket.destroy());
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${PROTOCOL}\r\n\r\n`);
    socket.on("data", (chunk: Buffer) => {
      const frames = reader.read(chunk);
      chunks.push(frames.length);
      for (const { number, head: operation, body } of frames) {
        const reply = (text = "{}", head = "200") => void socket.write(frameBytes(number, head, text));
        const request = { operation, body, number, connection, socket, reply };
        received.push(request);
        answer(request);
      }
    });
  });
  const url = await listening(server);
  return {
    url,
    received,
    chunks,
    open,
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The bytes of one frame. */
export function frameBytes(number: number, head: string, body: string): Buffer {
  const writer = new FrameWriter();
  writer.add(number, head, body);
  return writer.take();
}

/** Listens on a free port of loopback; the server's origin. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
