// Clients of the registry by HTTP, each with a connection of its own as a process would have: an instance with its heartbeats, and a
// subscriber that takes datagrams and polls.

import { createSocket, type Socket } from "node:dgram";
import { gunzipSync } from "node:zlib";
import { Client } from "undici";
import { changeIn, rememberedRead } from "./changes.ts";

/** Nacos' HTTP clients poll as often, also when they take datagrams: a list says how long it may be used. */
const POLL_MS = 10_000;
const KEPT_MS = 60_000;

export interface Address {
  readonly serviceName: string;
  readonly ip: string;
  readonly port: number;
}

class Connection {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(`http://${address}`, { keepAliveTimeout: KEPT_MS, pipelining: 1 });
  }

  /** @throws {Error} for a status other than 200. */
  async call(
    method: "GET" | "POST" | "PUT",
    path: string,
    params: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { statusCode, body } = await this.#client.request({
      method,
      path: `/nacos${path}?${new URLSearchParams(params)}`,
      headers: { "user-agent": "Nacos-Java-Client:v1.4.8" },
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${method} ${path} was answered with ${statusCode}: ${text}`);
    return text;
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }
}

const named = ({ serviceName, ip, port }: Address) => ({ serviceName, ip, port: String(port) });

/** Heartbeats of Nacos' HTTP clients: after the first, short ones. */
export const CLIENT_BEATS = {
  everyMs: 5_000,
  method: "PUT",
  path: "/v1/ns/instance/beat",
  more: {},
} as const;
/** Heartbeats of this system's sidecars. */
export const SIDECAR_BEATS = {
  everyMs: 1_000,
  method: "POST",
  path: "/v3/client/ns/instance",
  more: { heartBeat: "true" },
} as const;

export class HttpInstance {
  readonly #connection: Connection;
  readonly #address: Address;
  readonly #onError: (error: unknown) => void;
  #beats: NodeJS.Timeout | undefined;

  /** @param onError is called for each request that fails. */
  constructor(server: string, address: Address, onError: (error: unknown) => void) {
    this.#connection = new Connection(server);
    this.#address = address;
    this.#onError = onError;
  }

  /** Registers with this metadata, or again with other metadata. */
  async register(metadata: Readonly<Record<string, string>>): Promise<void> {
    const params = { ...named(this.#address), metadata: JSON.stringify(metadata) };
    await this.#connection.call("POST", "/v1/ns/instance", params);
  }

  beat({ everyMs, method, path, more }: typeof CLIENT_BEATS | typeof SIDECAR_BEATS): void {
    const params = { ...named(this.#address), ...more };
    this.#beats = setInterval(
      () => this.#connection.call(method, path, params).catch(this.#onError),
      everyMs,
    );
  }

  close(): Promise<void> {
    clearInterval(this.#beats);
    return this.#connection.close();
  }
}

const readDatagram = rememberedRead((bytes) =>
  changeIn((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("utf8")),
);

export class HttpSubscriber {
  readonly #connection: Connection;
  readonly #socket: Socket = createSocket("udp4");
  readonly #serviceName: string;
  readonly #onChange: (change: number | undefined) => void;
  readonly #onError: (error: unknown) => void;
  #polls: NodeJS.Timeout | undefined;

  constructor(
    server: string,
    serviceName: string,
    onChange: (change: number | undefined) => void,
    onError: (error: unknown) => void,
  ) {
    this.#connection = new Connection(server);
    this.#serviceName = serviceName;
    this.#onChange = onChange;
    this.#onError = onError;
    this.#socket.on("message", (bytes) => onChange(readDatagram(bytes)));
  }

  /** Listens for datagrams, and polls from now on. */
  async subscribe(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.bind(0, "127.0.0.1", resolve));
    const poll = async () => {
      const udpPort = String(this.#socket.address().port);
      const params = { serviceName: this.#serviceName, udpPort, clientIP: "127.0.0.1" };
      // Of a datagram that was lost it learns here.
      this.#onChange(changeIn(await this.#connection.call("GET", "/v1/ns/instance/list", params)));
    };
    await poll();
    this.#polls = setInterval(() => poll().catch(this.#onError), POLL_MS);
  }

  close(): Promise<void> {
    clearInterval(this.#polls);
    this.#socket.close();
    return this.#connection.close();
  }
}
