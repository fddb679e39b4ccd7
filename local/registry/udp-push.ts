// Pushes changes to subscribers by datagram, in the format of the Nacos 1.x client.

import type { Socket } from "node:dgram";
import { gzipSync } from "node:zlib";
import type { Log } from "../../lib/observability/log.ts";
import { datagramSender } from "../shared/listener/datagrams.ts";
import type { ListReplies } from "./list-reply.ts";
import type { Service } from "./service-table.ts";
import type { Subscribers } from "./subscribers.ts";

/** Above this the text is compressed; a datagram holds at most 65,507 bytes. */
const PLAIN_LIMIT = 32_768;
const DATAGRAM_LIMIT = 65_507;

/** Sends pushes. Polling makes up for a lost datagram. */
export class UdpPush {
  readonly #socket: Socket;
  readonly #replies: ListReplies;
  readonly #subscribers: Subscribers;
  readonly #log: Log;
  #closed = false;

  private constructor(socket: Socket, replies: ListReplies, subscribers: Subscribers, log: Log) {
    this.#socket = socket;
    this.#replies = replies;
    this.#subscribers = subscribers;
    this.#log = log;
    socket.on("error", (cause) => log.warn({ err: cause }, "registry push socket failed"));
  }

  static async open(
    host: string,
    replies: ListReplies,
    subscribers: Subscribers,
    log: Log,
  ): Promise<UdpPush> {
    return new UdpPush(await datagramSender(host), replies, subscribers, log);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = Promise.withResolvers<void>();
    this.#socket.close(closed.resolve);
    await closed.promise;
  }

  /** Sends the service's instances to its subscribers. */
  send(service: Service): void {
    if (this.#closed) return;
    const datagrams = new Map<string, Buffer>();
    for (const { address, port, clusters } of this.#subscribers.of(service.id)) {
      let datagram = datagrams.get(clusters);
      if (datagram === undefined) {
        datagram = this.#datagram(service, clusters);
        datagrams.set(clusters, datagram);
      }
      if (datagram.length > DATAGRAM_LIMIT) continue;
      this.#socket.send(datagram, port, address, (cause) => {
        if (cause) this.#log.debug({ err: cause, address, port }, "registry push was not sent");
      });
    }
  }

  #datagram(service: Service, clusters: string): Buffer {
    const data = this.#replies.v1(service.id, service, { clusters, healthyOnly: false });
    const text = Buffer.from(JSON.stringify({ type: "dom", data, lastRefTime: service.changedAt }));
    return text.length > PLAIN_LIMIT ? gzipSync(text) : text;
  }
}
