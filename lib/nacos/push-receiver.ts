// Receives the datagrams by which Nacos (v1) reports that a service has changed. Replaces the receiver of the `nacos`
// package, which listens on every address, accepts any sender, and decompresses without a size limit.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import * as z from "zod";

/** Larger packets, compressed or not, are ignored; the next poll, within a second, gets the list in any case. */
const MAX_PACKET_BYTES = 1024 * 1024;

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("is not JSON");
    return z.NEVER;
  }
});
const packet = json.pipe(
  z.object({ type: z.enum(["dom", "service"]), data: z.string(), lastRefTime: z.number() }),
);
const list = json.pipe(z.looseObject({ name: z.string() }));

/** Receives pushes as hints only: a datagram proves nothing about its sender, so its content is not used. */
export class PushReceiver {
  /** The local UDP port to which the server has to send its pushes. */
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #senders: ReadonlySet<string>;
  readonly #hints = new Map<string, () => void>();

  private constructor(socket: Socket, senders: ReadonlySet<string>) {
    const { address, port } = socket.address();
    this.address = address;
    this.port = port;
    this.#socket = socket;
    this.#senders = senders;
    socket.on("message", (message, from) => this.#take(message, from));
    // Ignored: polling makes up for a lost push.
    socket.on("error", () => {});
    // A socket that only receives hints must not keep the process alive.
    socket.unref();
  }

  /** Listens on the one local address from which `server` is reached, and accepts datagrams of that server only. */
  static async open(server: { readonly host: string; readonly port: number }): Promise<PushReceiver> {
    const found = await lookup(server.host, { all: true });
    const [first] = found;
    if (first === undefined) throw new Error(`${server.host} has no address`);
    const type = first.family === 6 ? "udp6" : "udp4";
    const socket = createSocket(type);
    const local = await localAddress(type, first.address, server.port);
    socket.bind({ port: 0, address: local, exclusive: true });
    await once(socket, "listening");
    return new PushReceiver(socket, new Set(found.map(({ address }) => address)));
  }

  /** Calls `hint` whenever the server reports that the service of this name (`GROUP@@name`) has changed. */
  onChange(service: string, hint: () => void): void {
    this.#hints.set(service, hint);
  }

  close(): void {
    this.#hints.clear();
    this.#socket.close();
  }

  #take(message: Buffer, from: RemoteInfo): void {
    if (!this.#senders.has(from.address)) return;
    const push = packet.safeParse(unpacked(message));
    if (!push.success) return;
    const { data, lastRefTime } = push.data;
    this.#socket.send(JSON.stringify({ type: "push-ack", lastRefTime, data: "" }), from.port, from.address);
    const service = list.safeParse(data);
    if (service.success) this.#hints.get(service.data.name)?.();
  }
}

/** The text of a packet, which may be compressed; empty when it is too large or broken. */
function unpacked(message: Buffer): string {
  const isCompressed = message[0] === 0x1f && message[1] === 0x8b;
  if (!isCompressed) return message.toString("utf8");
  try {
    return gunzipSync(message, { maxOutputLength: MAX_PACKET_BYTES }).toString("utf8");
  } catch {
    return "";
  }
}

/** The local address from which `remote` is reached. Sends nothing. */
async function localAddress(type: "udp4" | "udp6", remote: string, port: number): Promise<string> {
  const socket = createSocket(type);
  try {
    socket.connect(port, remote);
    await once(socket, "connect");
    return socket.address().address;
  } finally {
    socket.close();
  }
}
