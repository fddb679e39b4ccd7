// Messages between the bench and the process with the clients, over its IPC channel; plain JSON.

/** What the clients' process is started with. */
export interface ClientsJob {
  /** Base URL at which they connect: NotificationService or the gateway. */
  readonly liveUrl: string;
  /** Base URLs of the services to which it sends. */
  readonly urls: { readonly orders: string; readonly notifications: string };
  /** Processes of the system, to see how long they wait for a core. */
  readonly watched: readonly number[];
}

/** Whoever is notified, one after the other, by a notification or as the buyer of an order. */
export interface Notify {
  readonly type: "notify";
  readonly what: "notification" | "order";
  /** `strangers`: users who have no connection. */
  readonly to: "connected" | "strangers";
  readonly count: number;
  readonly perSecond: number;
}

export type ToClients =
  /** Opens `connections` for new users in place of those there were, and waits until each is told that it is ready. */
  { readonly type: "connect"; readonly connections: number; readonly users: number } | Notify;

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export interface Notified {
  readonly frames: number;
  /** Frames that did not come within some seconds of the last request. */
  readonly missing: number;
  /** Frames that came twice or before an earlier one. */
  readonly disorder: number;
  /** From the request that was sent until the frame, one value for each frame. */
  readonly sinceSent: Times;
  /** The same without the longest time for which one of the processes was ready to run and had no core. */
  readonly sinceSentWithCpu: Times;
  /** From the reply to the request until the frame; 0 where the frame came first. */
  readonly sinceReply: Times;
}

export type FromClients =
  | { readonly type: "connected" }
  | { readonly type: "notified"; readonly notified: Notified };
