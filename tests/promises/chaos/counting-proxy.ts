// Stands before a registry, counts what arrives, and can be away.

import { connect, createServer, type Server, type Socket } from "node:net";

export interface CountingProxy {
  /** Connections and requests since the last `reset`. */
  counts(): { readonly connections: number; readonly requests: number };
  reset(): void;
  /** `refusing`: nobody listens. `resetting`: each connection is ended at once, and counted. */
  mode(mode: "open" | "refusing" | "resetting"): Promise<void>;
  close(): Promise<void>;
}

/**
 * Listens on `port` of loopback, for a server on `target`. A request is counted by its first line, with which `onReply` is
 * called when the server begins to answer it.
 */
export async function countingProxy(
  port: number,
  target: number,
  onReply: (requestLine: string) => void = () => {},
): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let [connections, requests] = [0, 0];
  let resetting = false;
  let server: Server | undefined;

  function join(socket: Socket): void {
    connections += 1;
    if (resetting) {
      socket.resetAndDestroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    let command: string | undefined;
    socket.on("data", (chunk: Buffer) => {
      const line = /^(GET|POST|PUT|DELETE) \/\S*/.exec(chunk.toString("latin1", 0, 200))?.[0];
      if (line === undefined) return;
      requests += 1;
      command = line;
    });
    upstream.on("data", () => {
      if (command !== undefined) onReply(command);
      command = undefined;
    });
  }

  async function listen(): Promise<void> {
    if (server !== undefined) return;
    const listening = createServer({ noDelay: true }, join);
    server = listening;
    await new Promise<void>((resolve, reject) => {
      listening.once("error", reject);
      listening.listen(port, "127.0.0.1", resolve);
    });
  }

  async function stop(): Promise<void> {
    const stopping = server;
    server = undefined;
    const closed = new Promise((resolve) => (stopping ? stopping.close(resolve) : resolve(undefined)));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await listen();
  return {
    counts: () => ({ connections, requests }),
    reset() {
      [connections, requests] = [0, 0];
    },
    async mode(mode) {
      resetting = mode === "resetting";
      if (mode === "open") await listen();
      else await stop();
      if (resetting) await listen();
    },
    close: stop,
  };
}
