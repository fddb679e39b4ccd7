// Live connections of users: sends each notification that gets a position to all connections of its user, wherever they are held.

import type { Notification } from "../notification.ts";
import { readerLocale } from "../notification-text.ts";
import { feedView } from "../notification-view.ts";
import type { Reader, Readers } from "../readers.ts";
import { notificationGoesOut } from "../sent-span.ts";
import type { ConnectionRecord, ConnectionRecords } from "./connection-records.ts";
import { frameOf } from "./frames.ts";
import type { LivePorts, Offer } from "./live-ports.ts";

export class Live {
  /** Of the connections that this process holds, and that have been started. */
  readonly streams: LivePorts["streams"];
  readonly records: ConnectionRecords;
  readonly #ports: LivePorts;
  readonly #readers: Readers;

  constructor(ports: LivePorts, readers: Readers) {
    this.#ports = ports;
    this.#readers = readers;
    this.records = ports.records;
    this.streams = ports.streams;
  }

  /**
   * Offers the notification to its user's connections, and forgets those that are gone. True when at least one of them is there.
   * Never rejects: whoever does not get it now gets it with their next frame, ping or connection.
   */
  async push(notification: Notification, position: number): Promise<boolean> {
    try {
      const now = this.#ports.now() / 1_000;
      const connections = await this.records.of(notification.user_id);
      if (connections.length === 0) return false;
      const open = connections.filter((connection) => connection.expires_on > now);
      const expired = connections.filter((connection) => connection.expires_on <= now).map(({ id }) => id);
      const reader = await this.#readers.of(notification.user_id);
      const offers = await Promise.all(
        groupsOf(open).map((group) =>
          this.#offer(group, this.#offerTo(group, reader, notification, position)),
        ),
      );
      const gone = offers.flatMap((offered) => offered.gone);
      await Promise.all([...expired, ...gone].map((each) => this.records.remove(each)));
      const isTaken = offers.some(({ taken }) => taken);
      if (isTaken) notificationGoesOut("live_push", notification);
      return isTaken;
    } catch (error) {
      this.#ports.failed(error);
      return false;
    }
  }

  /** Of the connections `ids` of this process, those that are gone. A connection that is not started is not: it reads the feed when it is. */
  offerHere(ids: readonly string[], { position, frame }: Offer, isHeld: (id: string) => boolean): string[] {
    for (const id of ids) this.streams.get(id)?.offer(position, frame);
    return ids.filter((id) => !isHeld(id));
  }

  /** The frame in the language of these connections. */
  #offerTo(
    [first]: readonly ConnectionRecord[],
    reader: Reader,
    notification: Notification,
    position: number,
  ): Offer {
    const locale = first?.locale;
    const language = readerLocale(this.#ports, locale === undefined ? {} : { locale }, reader);
    const { id } = notification;
    const view = feedView(notification, reader.read_until, language);
    return { position, frame: frameOf({ position, id, notification: view }) };
  }

  async #offer(
    held: readonly ConnectionRecord[],
    offer: Offer,
  ): Promise<{ readonly taken: boolean; readonly gone: readonly string[] }> {
    const [first] = held;
    if (first === undefined) return { taken: false, gone: [] };
    const ids = held.map(({ id }) => id);
    try {
      const gone = await this.#ports.transport.offer(first.endpoint, first.instance, ids, offer);
      return { taken: ids.some((id) => !gone.includes(id)), gone };
    } catch (error) {
      this.#ports.failed(error);
      return { taken: false, gone: [] };
    }
  }
}

/** The connections of each holder in each language. */
function groupsOf(connections: readonly ConnectionRecord[]): ConnectionRecord[][] {
  const holders = new Map<string, ConnectionRecord[]>();
  for (const connection of connections) {
    const holder = `${connection.endpoint} ${connection.instance} ${connection.locale ?? ""}`;
    holders.set(holder, [...(holders.get(holder) ?? []), connection]);
  }
  return [...holders.values()];
}
