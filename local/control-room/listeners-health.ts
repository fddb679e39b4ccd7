// What the listeners of the runtimes that run have said of their health last.

import { healthAfter, healthOf, type ListenerHealth } from "./health.ts";
import type { Report } from "./report.ts";
import type { KnownRuntime } from "./runtimes.ts";

export class ListenersHealth {
  readonly #known = new Map<string, ListenerHealth>();
  readonly #runtimes: () => readonly KnownRuntime[];
  readonly #healthOf: (url: string) => Promise<ListenerHealth>;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(runtimes: () => readonly KnownRuntime[], ask = healthOf) {
    this.#runtimes = runtimes;
    this.#healthOf = ask;
  }

  get byUrl(): ReadonlyMap<string, ListenerHealth> {
    return this.#known;
  }

  /** Asks all listeners, unless that is not `olderMs` milliseconds ago. */
  async ask(olderMs: number): Promise<void> {
    if (performance.now() - this.#askedAt < olderMs) return this.#asking;
    this.#askedAt = performance.now();
    const urls = new Set(this.#urls());
    for (const url of this.#known.keys()) if (!urls.has(url)) this.#known.delete(url);
    this.#asking = Promise.all([...urls].map((url) => this.#askOne(url))).then(() => {});
    await this.#asking;
  }

  /** What was said where a runtime listens now was said by another one. */
  forget(report: Report): void {
    for (const url of urlsOf(report)) this.#known.delete(url);
  }

  #urls(): readonly string[] {
    const running = this.#runtimes().filter(({ state }) => state === "ok");
    return running.flatMap(({ report }) => urlsOf(report));
  }

  async #askOne(url: string): Promise<void> {
    const seen = await this.#healthOf(url);
    this.#known.set(url, healthAfter(this.#known.get(url), seen));
  }
}

const urlsOf = ({ services, gateway_url }: Report): readonly string[] => [
  ...services.map(({ url }) => url),
  ...(gateway_url === null ? [] : [gateway_url]),
];
