// One registered instance, and the times after which it is unhealthy or removed without heartbeats.

/** What a client registers about its instance. */
export interface Announcement {
  readonly ip: string;
  readonly port: number;
  readonly cluster: string;
  readonly weight: number;
  readonly enabled: boolean;
  readonly healthy: boolean;
  /** An ephemeral instance is removed when its heartbeats stop; a persistent one stays until it is deregistered. */
  readonly ephemeral: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An operator's settings. They override what the instance registers, now and later; metadata is merged with its own. */
export interface Override {
  readonly weight?: number;
  readonly enabled?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** As in Nacos, the address identifies an instance: registered in another cluster, it moves there. */
export type Address = Pick<Announcement, "ip" | "port">;

/** An instance as it is listed: what was registered, with an operator's settings. */
export interface StoredInstance extends Announcement {
  /** Who keeps it registered: one client, or several that use the same address. The one that registered last comes last. */
  readonly registrations: readonly Registration[];
}

/** What one client keeps registered at an address. */
export interface Registration {
  readonly announced: Announcement;
  /** The connection that keeps it; undefined when heartbeats do, or nothing has to. */
  readonly owner: string | undefined;
  /** Clock milliseconds of the last heartbeat. */
  readonly lastBeat: number;
  readonly healthy: boolean;
}

/** Milliseconds between heartbeats, until an instance without any is unhealthy, and until it is removed. */
export interface Heartbeat {
  readonly interval: number;
  readonly timeout: number;
  readonly deleteAfter: number;
}

/**
 * The heartbeat times in the metadata of an instance, with Nacos' defaults (5, 15 and 30 s).
 * Source: Nacos `PreservedMetadataKeys` and `Constants.DEFAULT_HEART_BEAT_*`.
 */
export function heartbeat(metadata: Readonly<Record<string, string>>): Heartbeat {
  return {
    interval: milliseconds(metadata["preserved.heart.beat.interval"], 5_000),
    timeout: milliseconds(metadata["preserved.heart.beat.timeout"], 15_000),
    deleteAfter: milliseconds(metadata["preserved.ip.delete.timeout"], 30_000),
  };
}

export const addressKey = ({ ip, port }: Address): string => `${ip}#${port}`;

function milliseconds(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : fallback;
}
