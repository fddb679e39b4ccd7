// A client of live notifications that connects again when it loses its connection, and continues from its last position.

import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import * as z from "zod";

const frame = z.object({
  type: z.string(),
  position: z.number().optional(),
  notification: z.object({ id: z.string(), title: z.string() }).optional(),
});

export interface LiveClientOptions {
  /** The base URL of a service or the gateway; asked anew for each connection. */
  readonly url: () => string;
  readonly user: string;
  /** Instead of the header `UUID`. */
  readonly protocols?: readonly string[];
}

export class LiveClient {
  readonly received: { readonly position: number; readonly title: string; readonly at: number }[] = [];
  readonly closes: number[] = [];
  /** Frames that came twice or before an earlier one. */
  readonly disorder: number[] = [];
  connections = 0;
  ready = false;
  #position: number | undefined;
  #socket: WebSocket | undefined;
  #closed = false;
  readonly #options: LiveClientOptions;

  constructor(options: LiveClientOptions) {
    this.#options = options;
    this.#connect();
  }

  get titles(): string[] {
    return this.received.map(({ title }) => title);
  }

  ping(): void {
    this.#socket?.send(JSON.stringify({ type: "ping", position: this.#position }));
  }

  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  #connect(): void {
    const { url, user, protocols = ["cfmp.v1"] } = this.#options;
    const socket = new WebSocket(`${url().replace("http", "ws")}/api/notifications/live/`, protocols, {
      headers: { uuid: user },
    });
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("open", () => {
      this.connections += 1;
      socket.send(JSON.stringify({ type: "since", position: this.#position }));
    });
    socket.on("message", (data) => this.#take(data.toString("utf8")));
    socket.on("close", (code) => {
      this.ready = false;
      this.closes.push(code);
      if (!this.#closed) void sleep(50).then(() => this.#closed || this.#connect());
    });
  }

  #take(text: string): void {
    const { type, position = 0, notification } = frame.parse(JSON.parse(text));
    if (type === "ready" || type === "reset") {
      this.#position = position;
      this.ready = type === "ready";
    }
    if (type !== "notification") return;
    if (position !== (this.#position ?? 0) + 1) this.disorder.push(position);
    this.#position = position;
    this.received.push({ position, title: notification?.title ?? "", at: performance.now() });
  }
}
