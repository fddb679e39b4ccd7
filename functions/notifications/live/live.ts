// Live connections of users: sends each notification that gets a position to all connections of its user, wherever they are held.

import type { Notification } from "../notification.ts";
import { readerLocale } from "../notification-text.ts";
import { feedView } from "../notification-view.ts";
import type { Reader, Readers } from "../readers.ts";
import { notificationGoesOut } from "../sent-span.ts";
import type { ConnectionOf, ConnectionRecord, ConnectionRecords } from "./connection-records.ts";
import { frameOf } from "./frames.ts";
import type { LiveEndings, LivePorts, Offer } from "./live-ports.ts";

/** Seconds within which a connection that was asked for is open. Until then its holder may not know it yet. */
const OPENING_S = 30;

export class Live {
  /** Of the connections that this process holds, and that have been started. */
  readonly streams: LivePorts["streams"];
  readonly records: ConnectionRecords;
  readonly endings: LiveEndings;
  readonly #ports: LivePorts;
  readonly #readers: Readers;

  constructor(ports: LivePorts, readers: Readers) {
    this.#ports = ports;
    this.#readers = readers;
    this.records = ports.records;
    this.endings = ports.endings;
    this.streams = ports.streams;
  }

  /**
   * Offers the notification to its user's connections, and forgets those that are gone. True when at least one of them is there.
   * Never rejects: whoever does not get it now gets it with their next frame, ping or connection.
   */
  async push(notification: Notification, position: number): Promise<boolean> {
    try {
      const connections = await this.records.of(notification.user_id);
      if (connections.length === 0) return false;
      const { open, expired } = this.#sorted(connections);
      const reader = await this.#readers.of(notification.user_id);
      const offers = await Promise.all(
        groupsOf(open).map((group) =>
          this.#offer(group, this.#offerTo(group, reader, notification, position)),
        ),
      );
      const gone = new Set(offers.flatMap((offered) => offered.gone));
      await this.#forget(open.filter((each) => gone.has(each.id) && this.#isOpen(each)));
      await this.#end(expired);
      const isTaken = offers.some(({ taken }) => taken);
      if (isTaken) notificationGoesOut("live_push", notification);
      return isTaken;
    } catch (error) {
      this.#ports.failed(error);
      return false;
    }
  }

  /**
   * Forgets those connections of the user of `asking` that have ended without a word: their time is over, their process is gone, or they
   * have a place and no record, since a process was killed between the two. What can't be found out counts as open.
   */
  async forgetEnded({ user_id, endpoint, instance }: ConnectionRecord): Promise<void> {
    const ids = await this.records.idsOf(user_id);
    const read = await Promise.all(ids.map((id) => this.records.read(id)));
    const lost = ids.filter((_, index) => read[index] === undefined).map((id) => ({ id, user_id }));
    const { open, expired } = this.#sorted(read.filter((record) => record !== undefined));
    // Of a process that had the address of this one.
    const replaced = open.filter((other) => other.endpoint === endpoint && other.instance !== instance);
    const others = open.filter((other) => !replaced.includes(other) && this.#isOpen(other));
    const gone = await Promise.all(groupsOf(others).map((group) => this.#gone(group)));
    await this.#forget([...lost, ...replaced, ...gone.flat()]);
    await this.#end(expired);
  }

  /**
   * Offers to the connections `ids` of this process, if there is an offer; returns those that are gone. A connection that is not started is
   * not: it reads the feed when it is.
   */
  offerHere(ids: readonly string[], offer: Offer | undefined, isHeld: (id: string) => boolean): string[] {
    if (offer !== undefined) for (const id of ids) this.streams.get(id)?.offer(offer.position, offer.frame);
    return ids.filter((id) => !isHeld(id));
  }

  #sorted(connections: readonly ConnectionRecord[]) {
    const now = this.#ports.now() / 1_000;
    const isExpired = ({ expires_on }: ConnectionRecord): boolean => expires_on <= now;
    return { open: connections.filter((each) => !isExpired(each)), expired: connections.filter(isExpired) };
  }

  /** Whether its holder must know it by now. */
  #isOpen = ({ opened_on }: ConnectionRecord): boolean => opened_on + OPENING_S <= this.#ports.now() / 1_000;

  async #forget(connections: readonly ConnectionOf[]): Promise<void> {
    await Promise.all(connections.map((each) => this.records.remove(each)));
  }

  /** Those whose time is over: the client is told, and connects again. */
  async #end(expired: readonly ConnectionRecord[]): Promise<void> {
    const ended = expired.map(({ endpoint, id }) => this.#ports.transport.end(endpoint, id));
    for (const outcome of await Promise.allSettled(ended))
      if (outcome.status === "rejected") this.#ports.failed(outcome.reason);
    await this.#forget(expired);
  }

  /** Of connections of one holder, those that it does not hold. */
  async #gone(held: readonly ConnectionRecord[]): Promise<readonly ConnectionRecord[]> {
    const [first] = held;
    if (first === undefined) return [];
    const ids = held.map(({ id }) => id);
    try {
      const gone = await this.#ports.transport.gone(first.endpoint, first.instance, ids);
      return held.filter(({ id }) => gone.includes(id));
    } catch (error) {
      this.#ports.failed(error);
      return [];
    }
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
