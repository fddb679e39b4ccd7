// One registered instance as the registry keeps it, and how long its silence is tolerated.

/** What a client announces about itself. */
export interface Announcement {
  readonly ip: string;
  readonly port: number;
  readonly cluster: string;
  readonly weight: number;
  readonly enabled: boolean;
  readonly healthy: boolean;
  /** An ephemeral instance lives by its heartbeats; a persistent one stays until it is deregistered. */
  readonly ephemeral: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What an operator set. It counts more than what the instance announces, then and later; metadata is added to its own. */
export interface Override {
  readonly weight?: number;
  readonly enabled?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** As in Nacos, an instance is known by its address: in another cluster it would be the same one, moved. */
export type Address = Pick<Announcement, "ip" | "port">;

/** An instance as it is listed: what it announced, with what an operator set. */
export interface StoredInstance extends Announcement {
  readonly announced: Announcement;
  /** Clock milliseconds of the last sign of life. */
  readonly lastBeat: number;
}

export const listed = (announced: Announcement, override: Override, lastBeat: number): StoredInstance => ({
  ...announced,
  ...override,
  metadata: override.metadata ? { ...announced.metadata, ...override.metadata } : announced.metadata,
  announced,
  lastBeat,
});

/** Milliseconds between beats, until silence means unhealthy, and until it means gone. */
export interface Heartbeat {
  readonly interval: number;
  readonly timeout: number;
  readonly deleteAfter: number;
}

/**
 * The heartbeat times an instance asked for in its metadata, with Nacos' defaults (5, 15 and 30 s).
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
