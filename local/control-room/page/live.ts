// The stream of events: one connection for the whole page. The browser resumes it with the last event's number.

import { ROUTES, type StreamEvent, TOPICS } from "../api.ts";
import { forgetSession } from "./client.ts";

type DataByEvent = { readonly [E in StreamEvent as E["event"]]: E["data"] };
type DataOf<E extends StreamEvent["event"]> = DataByEvent[E];
type Listener = (data: string) => void;

export type Connection = "connecting" | "connected" | "disconnected";

const RECONNECT_MS = 1_000;

export class Live {
  readonly #listeners = new Map<StreamEvent["event"], Set<Listener>>();
  readonly #watchers = new Set<(state: Connection) => void>();
  #source: EventSource | undefined;
  #collector: string | undefined;
  state: Connection = "connecting";

  /** Calls `listener` with each event of this kind. Returns what ends that. `reset`: read everything again. */
  on<E extends StreamEvent["event"]>(event: E, listener: (data: DataOf<E>) => void): () => void {
    const known = this.#listeners.get(event) ?? new Set();
    const take: Listener = (text) => {
      const data: DataOf<E> = JSON.parse(text);
      listener(data);
    };
    known.add(take);
    this.#listeners.set(event, known);
    return () => void known.delete(take);
  }

  watch(watcher: (state: Connection) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  open(): void {
    const source = new EventSource(ROUTES.events);
    this.#source = source;
    for (const event of [...TOPICS, "reset"] as const)
      source.addEventListener(event, ({ data }: MessageEvent<string>) => this.#publish(event, data));
    source.addEventListener("hello", ({ data }: MessageEvent<string>) => this.#hello(data));
    source.addEventListener("error", () => this.#lost(source));
  }

  #hello(text: string): void {
    const { collector, seq }: DataOf<"hello"> = JSON.parse(text);
    const isOther = this.#collector !== undefined && this.#collector !== collector;
    this.#collector = collector;
    this.#be("connected");
    if (!isOther) return;
    forgetSession();
    this.#publish("reset", JSON.stringify({ collector, seq }));
  }

  /** A browser tries again by itself, except after a reply that is no stream. */
  #lost(source: EventSource): void {
    this.#be("disconnected");
    if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
    setTimeout(() => this.open(), RECONNECT_MS);
  }

  #publish(event: StreamEvent["event"], text: string): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(text);
  }

  #be(state: Connection): void {
    this.state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

export const live = new Live();
