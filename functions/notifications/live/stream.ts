// What one connection is sent: its user's feed from a position on, each position once and in order.

import { type Frame, frameOf } from "./frames.ts";
import { type ReplaySources, replay } from "./replay.ts";

/** Whose connection it is, and the language of its frames. */
type LiveUser = Parameters<typeof replay>[1];

/** Sends a frame; false when the connection is gone. */
export type SendFrame = (frame: Frame) => boolean | Promise<boolean>;

export class LiveStream {
  readonly #sources: () => ReplaySources;
  readonly #user: LiveUser;
  readonly #send: SendFrame;
  /** The last position that was sent; undefined before the start. */
  #sent: number | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  /**
   * `sources`: asked anew each time, since a connection outlives a change of the settings. `sent`: of a connection that has been
   * started elsewhere.
   */
  constructor(sources: () => ReplaySources, user: LiveUser, send: SendFrame, sent?: number) {
    this.#sources = sources;
    this.#user = user;
    this.#send = send;
    this.#sent = sent;
  }

  /** Sends what follows `since`, or nothing without it, and `ready`. From then on {@link offer} is sent. */
  async start(since: number | undefined): Promise<void> {
    const last = await this.#sources().feed.open(this.#user.id);
    await this.#running;
    this.#sent = since ?? last;
    await this.catchUp();
    await this.#send({ type: "ready", position: this.#sent });
  }

  /** A frame that has just been recorded: sent if it is the next one; otherwise the feed says what comes before it. */
  offer(position: number, frame: Frame): void {
    if (this.#sent === undefined || position <= this.#sent) return;
    if (this.#running === undefined && position === this.#sent + 1 && this.#send(frame) === true)
      this.#sent = position;
    else this.catchUp().catch(() => {});
  }

  /** Sends what the feed has after the last position. Rejects when it can't be read. */
  catchUp(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      while (await this.#sendPage()) {}
    }
  }

  /** True when there may be more. */
  async #sendPage(): Promise<boolean> {
    if (this.#sent === undefined) return false;
    const page = await replay(this.#sources(), this.#user, this.#sent);
    if (page === undefined) return this.#reset();
    for (const item of page.items) {
      if (!(await this.#send(frameOf(item)))) return false;
      this.#sent = item.position;
    }
    return page.items.length > 0;
  }

  async #reset(): Promise<boolean> {
    this.#sent = await this.#sources().feed.open(this.#user.id);
    await this.#send({ type: "reset", position: this.#sent });
    return false;
  }
}
