// A client of live notifications for browsers and Node.js: connects again when the connection is lost, continues from the last position,
// and passes each notification on once and in order. It uses nothing else of this system, and no package. See docs/live.md.

export interface LiveNotification {
  readonly id: string;
  readonly type: string;
  readonly event: string;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly read: boolean;
  readonly read_at: string | null;
  readonly created_at: string;
}

/**
 * `connecting`: not connected yet, or it asks for what it missed. `live`: every notification comes as it is recorded. `waiting`: the
 * connection was lost, and is opened again after a pause. `closed`: by {@link PushClient.close}.
 */
export type PushState = "connecting" | "live" | "waiting" | "closed";

export interface PushEvents {
  notification: { readonly position: number; readonly notification: LiveNotification };
  /** The notification at this position was deleted before it was sent. */
  deleted: { readonly position: number; readonly id: string };
  /** It can't be continued: read the list; what is recorded from now on is sent. */
  reset: { readonly position: number };
  state: { readonly state: PushState };
  /** What the service says is wrong with a message. */
  error: { readonly code: string; readonly detail: string };
}

/** The part of a browser's `WebSocket` that is used. */
export interface PushSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export interface PushOptions {
  /** Such as `wss://shop.example/api/notifications/live/`. */
  readonly url: string;
  /** The token for each connection; asked anew, as tokens expire. Without it none is sent. */
  readonly token?: () => string | Promise<string>;
  /** The last position that is known, from {@link PushClient.position}; without it only what is recorded from now on is sent. */
  readonly position?: number;
  /** Longest pause before the first new connection, and of all, in milliseconds; 500 and 30,000 when left out. */
  readonly backOff?: { readonly first: number; readonly longest: number };
  /** Milliseconds between two pings; 25,000 when left out. A connection that does not answer until the next one is given up. */
  readonly pingMs?: number;
  /** Opens a connection; by default `new WebSocket(url, protocols)`. */
  readonly open?: (url: string, protocols: string[]) => PushSocket;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Notifications that wait for an iterator's reader; beyond it the oldest are dropped. */
const WAITING = 1_000;

type Listeners = { readonly [K in keyof PushEvents]: Set<(event: PushEvents[K]) => void> };

export class PushClient {
  readonly #options: PushOptions;
  readonly #listeners: Listeners = {
    notification: new Set(),
    deleted: new Set(),
    reset: new Set(),
    state: new Set(),
    error: new Set(),
  };
  #position: number | undefined;
  #state: PushState = "connecting";
  #socket: PushSocket | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #answered = true;
  /** `since` was sent, and `ready` has not come. */
  #asking = false;

  constructor(options: PushOptions) {
    this.#options = options;
    this.#position = options.position;
    void this.#connect();
  }

  /** The last position that was passed on; undefined before the first connection. Keep it to continue after a reload. */
  get position(): number | undefined {
    return this.#position;
  }

  get state(): PushState {
    return this.#state;
  }

  /** Calls `listener` for each event of this kind. Returns a function that ends that. */
  on<K extends keyof PushEvents>(kind: K, listener: (event: PushEvents[K]) => void): () => void {
    const known = this.#listeners[kind];
    known.add(listener);
    return () => void known.delete(listener);
  }

  /** Ends it for good, and its iterators. */
  close(): void {
    this.#drop();
    clearTimeout(this.#timer);
    this.#become("closed");
  }

  /** The notifications from now on. Ends when the client is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<PushEvents["notification"], void, void> {
    const waiting: PushEvents["notification"][] = [];
    let wake = () => {};
    const off = [
      this.on("notification", (event) => {
        waiting.push(event);
        if (waiting.length > WAITING) waiting.shift();
        wake();
      }),
      this.on("state", () => wake()),
    ];
    try {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (this.#state === "closed") return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      for (const end of off) end();
    }
  }

  async #connect(): Promise<void> {
    this.#become("connecting");
    try {
      const token = await this.#options.token?.();
      if (this.#isClosed()) return;
      const protocols = ["cfmp.v1", ...(token === undefined ? [] : [`bearer.${token}`])];
      const open = this.#options.open ?? ((url, names) => new WebSocket(url, names));
      this.#take(open(this.#options.url, protocols));
    } catch {
      // No token, or an address that is none: tried again like a lost connection.
      this.#lost();
    }
  }

  #take(socket: PushSocket): void {
    this.#socket = socket;
    // Of a connection that was given up nothing counts any more.
    const current = (act: () => void) => {
      if (this.#socket === socket) act();
    };
    socket.addEventListener("open", () => current(() => this.#ask()));
    socket.addEventListener("message", ({ data }) => current(() => this.#read(String(data))));
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => current(() => this.#lost()));
    this.#answered = true;
    this.#pings = setInterval(() => this.#ping(), this.#options.pingMs ?? 25_000);
  }

  #ask(): void {
    this.#asking = true;
    this.#send({ type: "since", position: this.#position });
  }

  #ping(): void {
    if (!this.#answered) {
      this.#lost();
      return;
    }
    this.#answered = false;
    if (this.#socket?.readyState !== 1) return;
    // What was asked for may have been lost: what comes twice is ignored.
    if (this.#asking) this.#ask();
    else this.#send({ type: "ping", position: this.#position });
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #read(text: string): void {
    this.#answered = true;
    const frame = JSON.parse(text);
    if (frame.type === "ready") {
      this.#asking = false;
      this.#failures = 0;
      this.#position ??= frame.position;
      this.#become("live");
    } else if (frame.type === "reset") {
      this.#position = frame.position;
      this.#emit("reset", frame);
    } else if (frame.type === "notification" || frame.type === "deleted") this.#advance(frame);
    else if (frame.type === "error") this.#emit("error", frame);
  }

  /** Once and in order: what came before is ignored, and before what is missing it is asked for. */
  #advance(
    frame: { type: "notification" | "deleted"; position: number } & PushEvents["notification"] &
      PushEvents["deleted"],
  ): void {
    const next = this.#position === undefined ? undefined : this.#position + 1;
    if (next === undefined || frame.position < next) return;
    if (frame.position > next) {
      if (!this.#asking) this.#ask();
      return;
    }
    this.#position = frame.position;
    this.#emit(frame.type, frame);
  }

  #lost(): void {
    this.#drop();
    if (this.#isClosed()) return;
    const { first, longest } = this.#options.backOff ?? { first: 500, longest: 30_000 };
    const bound = Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
    this.#become("waiting");
    // Random over the whole range, so that the clients of an instance that ended do not come back together.
    this.#timer = setTimeout(() => void this.#connect(), bound * (this.#options.random ?? Math.random)());
  }

  #drop(): void {
    clearInterval(this.#pings);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#asking = false;
    socket?.close();
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #become(state: PushState): void {
    if (this.#state === state || this.#isClosed()) return;
    this.#state = state;
    this.#emit("state", { state });
  }

  #emit<K extends keyof PushEvents>(kind: K, event: PushEvents[K]): void {
    for (const listener of this.#listeners[kind]) listener(event);
  }
}
