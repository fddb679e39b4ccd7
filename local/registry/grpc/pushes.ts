// What is sent to one client, which acknowledges each message. About each topic one message is under way at a time; what
// changes meanwhile is sent after it, once and in its latest form. So a slow client costs no more than its topics.

export interface Push {
  /** The client's acknowledgement carries it. */
  readonly requestId: string;
  readonly framed: Buffer;
}

interface UnderWay {
  readonly requestId: string;
  /** Builds the message in its present form; the latest way to: a subscription may have been replaced. */
  build: () => Push;
  /** Whether there is something newer than what was sent. */
  stale: boolean;
  ticks: number;
  attempts: number;
}

/** Seconds until a message that was not acknowledged is sent again. Nacos' clients answer within milliseconds. */
const AGAIN_AFTER_TICKS = 5;
const MAX_ATTEMPTS = 3;

export class Pushes {
  readonly #send: (framed: Buffer) => void;
  readonly #byTopic = new Map<string, UnderWay>();
  readonly #topicOf = new Map<string, string>();

  constructor(send: (framed: Buffer) => void) {
    this.#send = send;
  }

  /** Sends a message about `topic`, at once or when the one under way is acknowledged. */
  push(topic: string, build: () => Push): void {
    const underWay = this.#byTopic.get(topic);
    if (underWay === undefined) {
      this.#start(topic, build, 1);
      return;
    }
    underWay.build = build;
    underWay.stale = true;
  }

  /** The client has acknowledged a message. Unknown ids are ignored. */
  acknowledged(requestId: string): void {
    const topic = this.#topicOf.get(requestId);
    const underWay = topic === undefined ? undefined : this.#end(topic);
    if (topic === undefined || !underWay?.stale) return;
    const next = underWay.build();
    // It is the same message when it was built after the change that made it stale.
    if (next.requestId !== requestId) this.#start(topic, underWay.build, 1);
  }

  /** Call it once a second: repeats what was not acknowledged, a few times. */
  tick(): void {
    for (const [topic, underWay] of [...this.#byTopic]) {
      underWay.ticks += 1;
      if (underWay.ticks < AGAIN_AFTER_TICKS) continue;
      this.#end(topic);
      const attempts = underWay.stale ? 1 : underWay.attempts + 1;
      if (attempts <= MAX_ATTEMPTS) this.#start(topic, underWay.build, attempts);
    }
  }

  #start(topic: string, build: () => Push, attempts: number): void {
    const { requestId, framed } = build();
    this.#byTopic.set(topic, { requestId, build, stale: false, ticks: 0, attempts });
    this.#topicOf.set(requestId, topic);
    this.#send(framed);
  }

  #end(topic: string): UnderWay | undefined {
    const underWay = this.#byTopic.get(topic);
    this.#byTopic.delete(topic);
    if (underWay !== undefined) this.#topicOf.delete(underWay.requestId);
    return underWay;
  }
}
