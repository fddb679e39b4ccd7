// Pages of a user's feed with the notifications themselves, as clients get them.

import type { User } from "../../../lib/auth/caller.ts";
import type { NotificationView } from "../contract.ts";
import type { NotificationStore } from "../notification-store.ts";
import { readerLocale } from "../notification-text.ts";
import { feedView } from "../notification-view.ts";
import type { NotificationPorts } from "../ports.ts";
import type { Readers } from "../readers.ts";
import type { Feed } from "./feed.ts";

/** An entry of the feed. A notification that its user has deleted keeps its position. */
export interface FeedItem {
  readonly position: number;
  readonly id: string;
  readonly notification: NotificationView | null;
}

export interface Replay {
  /** In order and without a gap. */
  readonly items: readonly FeedItem[];
  /** The last position that existed; more pages follow while the last item is before it. */
  readonly last: number;
}

/** What frames are made from. */
export interface ReplaySources {
  readonly feed: Feed;
  readonly store: NotificationStore;
  readonly readers: Readers;
  readonly ports: Pick<NotificationPorts, "defaultLocale">;
}

/** The page of the user's feed after the position `after`, in their language; undefined when it can't be read (see `Feed.page`). */
export async function replay(
  service: ReplaySources,
  user: Pick<User, "id" | "locale">,
  after: number,
): Promise<Replay | undefined> {
  const page = await service.feed.page(user.id, after);
  if (page === undefined) return undefined;
  const reader = await service.readers.of(user.id);
  const language = readerLocale(service.ports, user, reader);
  const items = await Promise.all(
    page.entries.map(async ({ position, id }) => {
      const notification = feedView(await service.store.read(id), reader.read_until, language);
      return { position, id, notification };
    }),
  );
  return { items, last: page.last };
}
