// Whether a client is still there. A connection that ends says so at once; this finds those that are silent.

export interface LivenessActions {
  /** Asks the client's HTTP/2 for an answer, which is passed on to {@link Liveness.ponged}. */
  readonly ping: () => void;
  /** Asks the client itself, by Nacos' own message. */
  readonly detect: () => void;
  readonly drop: (why: string) => void;
}

/** Seconds. Nacos' own values for a registered client: asked after 20, dropped 5 later. */
const DETECT_AFTER = 20;
const DROP_AFTER = 25;
/** Nacos' clients send something every 5 s: those need none. */
const PING_EVERY = 6;
/** As long as Nacos waits for heartbeats. */
const DROP_WITHOUT_PONG_AFTER = 15;
/** Seconds for a client that has not set up its connection: for a check of the server, or until it does. */
const IDLE = 30;

/** Counts its own ticks, one a second, not the clock: when this process is paused, no client has been silent. */
export class Liveness {
  readonly #actions: LivenessActions;
  #isRegistered = false;
  #silent = 0;
  #unanswered = 0;

  constructor(actions: LivenessActions) {
    this.#actions = actions;
  }

  /** The client has set up its connection. */
  registered(): void {
    this.#isRegistered = true;
    this.heard();
  }

  /** The client has set up no connection any more. */
  unregistered(): void {
    this.#isRegistered = false;
    this.#silent = 0;
  }

  /** A whole message has arrived. */
  heard(): void {
    this.#silent = 0;
    this.#unanswered = 0;
  }

  /** The answer to a ping has arrived. */
  ponged(): void {
    this.#unanswered = 0;
  }

  /** Call it once a second. */
  tick(): void {
    const { ping, detect, drop } = this.#actions;
    this.#silent += 1;
    this.#unanswered += 1;
    if (this.#unanswered >= DROP_WITHOUT_PONG_AFTER) drop("it does not answer");
    else if (this.#unanswered % PING_EVERY === 0) ping();
    if (!this.#isRegistered) {
      if (this.#silent >= IDLE) drop("it has set up no connection");
    } else if (this.#silent >= DROP_AFTER) drop("it does not acknowledge");
    else if (this.#silent === DETECT_AFTER) detect();
  }
}
