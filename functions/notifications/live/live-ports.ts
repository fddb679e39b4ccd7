// The ports of live connections; tests and simulations provide their own.

import type { Locale } from "../../../lib/core/locales.ts";
import type { ConnectionRecords } from "./connection-records.ts";
import type { Frame } from "./frames.ts";

/** A frame for connections, and its position. */
export interface Offer {
  readonly position: number;
  readonly frame: Frame;
}

/** Sends to connections of one holder. */
export interface LiveTransport {
  /** Returns the ids of connections that are gone. Rejects when the holder can't be reached now. */
  offer(endpoint: string, instance: string, ids: readonly string[], offer: Offer): Promise<readonly string[]>;
  /** The same without sending anything. */
  gone(endpoint: string, instance: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Ends a connection whose time is over, where its holder does not do that by itself. */
  end(endpoint: string, id: string): Promise<void>;
}

/** When connections that this process holds are to end; see endings.ts. */
export interface LiveEndings {
  set(id: string, inMs: number, ending: Ending): void;
  clear(id: string): void;
}

/** How a connection is closed. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** What a connection that this process holds is sent; see stream.ts. */
export interface StartedStream {
  start(since: number | undefined): Promise<void>;
  offer(position: number, frame: Frame): void;
  catchUp(): Promise<void>;
}

export interface LivePorts {
  /** By their ids, the connections that this process holds, and that have been started: they outlive a change of the settings. */
  readonly streams: Map<string, StartedStream>;
  readonly records: ConnectionRecords;
  readonly endings: LiveEndings;
  readonly transport: LiveTransport;
  readonly defaultLocale: Locale;
  now(): number;
  failed(error: unknown): void;
}
