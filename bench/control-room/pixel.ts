// From an event to its pixels: the browser compares the time that a line or a trace shows, which is the runtime's, with the time at which it
// has drawn it. Both clocks are this machine's.

import type { Browser, Page } from "playwright-core";
import { freePorts } from "../../tests/support/free-ports.ts";
import { quantile } from "../../tests/support/quantiles.ts";
import { load } from "../../tools/demo/load.ts";
import { gather } from "../../tools/demo/people.ts";
import { credentialsBy } from "../../tools/demo/place.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import { startBenchSystem } from "../bench-system.ts";

export interface Delays {
  readonly what: string;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export interface PixelFigures {
  /** Orders that were begun per second. */
  readonly perSecond: number;
  readonly delays: readonly Delays[];
}

const FLOWS_PER_SECOND = 50;
const SECRET_KEY = "of a bench of the control room, long enough";
const WARM_UP_MS = 5_000;

/**
 * Runs in the page. Rows have a time of day, and those of traces a duration; `benchDelays` gets the milliseconds from there until the frame
 * with the row was drawn.
 */
const OBSERVER = `(() => {
  globalThis.benchDelays = [];
  globalThis.benchFrom = Infinity;
  const DAY = 86400000;
  const timeOf = (text) => {
    const [, h, m, s, ms] = /(\\d\\d):(\\d\\d):(\\d\\d)\\.(\\d{3})/.exec(text) ?? [];
    return h === undefined ? undefined : new Date().setHours(h, m, s, ms);
  };
  const lengthOf = (text) => {
    const [, number, unit] = /^([\\d.]+) (ms|s)$/.exec(text) ?? [];
    return number === undefined ? undefined : Number(number) * (unit === "s" ? 1000 : 1);
  };
  const endOf = (row) => {
    const line = row.querySelector(".line-time");
    if (line) return timeOf(line.textContent);
    const started = timeOf(row.cells?.[0]?.textContent ?? "");
    const length = lengthOf(row.cells?.[row.cells.length - 1]?.textContent ?? "");
    return started === undefined || length === undefined ? undefined : started + length;
  };
  const seen = new WeakMap();
  const watcher = new MutationObserver((records) => {
    const rows = new Set();
    for (const { target, addedNodes } of records) {
      const own = (target.nodeType === 3 ? target.parentElement : target)?.closest("li, tbody tr");
      if (own) rows.add(own);
      for (const node of addedNodes) if (node.matches?.("li, tr")) rows.add(node);
    }
    const ends = [];
    for (const row of rows) {
      const end = endOf(row);
      if (end === undefined || end < benchFrom || seen.get(row) === end) continue;
      seen.set(row, end);
      ends.push(end);
    }
    if (ends.length === 0) return;
    // A message is handled after the frame that the callback belongs to was drawn.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { for (const end of ends) benchDelays.push(Date.now() - end); };
      port2.postMessage(0);
    });
  });
  watcher.observe(document, { subtree: true, childList: true, characterData: true });
})()`;

/** Measures lines, then traces, for `windowMs` each, while 50 orders a second are begun. */
export async function measurePixels(browser: Browser, windowMs: number): Promise<PixelFigures> {
  const [port] = await freePorts(1);
  const system = await startBenchSystem({ CONTROL_ROOM_PORT: String(port), DEBUG: "True", SECRET_KEY });
  const page = await browser.newPage({ locale: "en-GB", viewport: { width: 1_440, height: 900 } });
  const stopped = new AbortController();
  try {
    await page.addInitScript(OBSERVER);
    const random = seededRandom(14);
    const people = await gather(credentialsBy({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" }), random);
    const begun = performance.now();
    const under = load({
      people,
      random,
      origins: () => [system.gatewayUrl],
      rate: FLOWS_PER_SECOND,
      seconds: 3_600,
      kills: undefined,
      signal: stopped.signal,
      progress: () => {},
    });
    const delays: Delays[] = [];
    for (const [what, panel] of [
      ["line of a log", "logs"],
      ["end of a span, in its trace's row", "traces"],
    ] as const)
      delays.push(await delaysOf(page, `http://127.0.0.1:${port}/#/${panel}`, what, windowMs));
    const seconds = (performance.now() - begun) / 1_000;
    stopped.abort();
    const { records } = await under;
    return { perSecond: records.length / seconds, delays };
  } finally {
    stopped.abort();
    await page.close();
    await system.cleanUp();
  }
}

async function delaysOf(page: Page, url: string, what: string, windowMs: number): Promise<Delays> {
  await page.goto(url);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.waitForTimeout(WARM_UP_MS);
  await page.evaluate("benchFrom = Date.now()");
  await page.waitForTimeout(windowMs);
  const values: readonly number[] = await page.evaluate("benchDelays.splice(0)");
  await page.evaluate("benchFrom = Infinity");
  return {
    what,
    count: values.length,
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    longest: Math.max(...values),
  };
}
