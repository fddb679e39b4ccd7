// The demo's people buy while runtimes are killed and started again from the control room's page. What the page says of the promises in the
// meantime is compared with what `tools/promises/` finds in the end, by the clients' own records and the database.

import type { Browser, Page } from "playwright-core";
import type { PromisesView } from "../../local/control-room/orders/contract.ts";
import { openDatabase } from "../../tools/database.ts";
import { type Load, load } from "../../tools/demo/load.ts";
import { gather } from "../../tools/demo/people.ts";
import { credentialsBy } from "../../tools/demo/place.ts";
import { summaryOf } from "../../tools/demo/summary.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import { type Checked, checkRecords } from "../../tools/promises/check-records.ts";
import { factsReader } from "../../tools/promises/facts.ts";
import { freePorts } from "./free-ports.ts";
import { until } from "./poll.ts";
import { freeServicePorts, type System, startSystem } from "./system.ts";

export interface DemoUnderKills {
  /** Milliseconds from each press of the button until the page showed that the runtime was down. */
  readonly killsShownMs: readonly number[];
  /** Orders that were judged in the end. */
  readonly orders: number;
  /** Whether the promises were kept, by the independent check, and what it says. */
  readonly kept: boolean;
  readonly summary: readonly string[];
  /** Violations that the page showed at any time, by their texts. */
  readonly shown: readonly string[];
  /** What the control room says when all is done. */
  readonly view: PromisesView;
}

export interface DemoOptions {
  readonly seconds: number;
  /** Orders per second. */
  readonly rate: number;
  readonly killEverySeconds: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

const SECRET_KEY = "of a demo under kills, and long enough for one";
const SETTLE_MS = 120_000;
/** A killed runtime takes two seconds of CPU to start again, which a busy machine may take minutes to give. */
const BACK_WITHIN_MS = 240_000;
const RUNTIMES = 2;

export async function demoUnderKills(browser: Browser, options: DemoOptions): Promise<DemoUnderKills> {
  const [port] = await freePorts(1);
  const env = { DEBUG: "True", CONTROL_ROOM_PORT: String(port), SECRET_KEY, LOG_LEVEL: "warn" };
  const systems: System[] = [];
  try {
    const first = await startSystem({ env });
    systems.push(first);
    for (let more = 1; more < RUNTIMES; more += 1)
      systems.push(await startSystem({ beside: first, env: await freeServicePorts() }));
    return await run(browser, `http://127.0.0.1:${port}`, systems, options);
  } finally {
    for (const system of systems.reverse()) await system.cleanUp();
  }
}

async function run(
  browser: Browser,
  url: string,
  systems: readonly System[],
  { seconds, rate, killEverySeconds, seed, progress }: DemoOptions,
): Promise<DemoUnderKills> {
  const database = openDatabase(undefined, { ...process.env, ...systems[0]?.env });
  const pages: Page[] = [];
  try {
    const open = async (panel: string) => {
      const page = await browser.newPage({ locale: "en-GB", viewport: { width: 1_440, height: 900 } });
      pages.push(page);
      await page.addInitScript(WATCHER);
      await page.goto(`${url}/#/${panel}`);
      await page.getByText("Live", { exact: true }).waitFor();
      return page;
    };
    const [faults, promises] = [await open("faults"), await open("promises")];
    const random = seededRandom(seed);
    const people = await gather(
      credentialsBy({ SECRET_KEY, TOKEN_AUDIENCE: database.config.TOKEN_AUDIENCE }),
      random,
    );
    const killsShownMs: number[] = [];
    const kill = async () => {
      killsShownMs.push(await killLongestRunning(faults));
    };
    const done: Load = await load({
      people,
      random,
      origins: () => systems.map(({ gatewayUrl }) => gatewayUrl),
      rate,
      seconds,
      kills: { every: killEverySeconds, kill },
      signal: new AbortController().signal,
      progress,
    });
    const reader = () => factsReader((name) => database.table(name));
    const checked: Checked = await checkRecords(done.records, { reader, settleMs: SETTLE_MS });
    const { lines, kept } = summaryOf(done, checked);
    const view = await until("the page has seen the end of everything", () => settledView(url), SETTLE_MS);
    const shown: readonly string[] = await promises.evaluate("[...benchShown]");
    return { killsShownMs, orders: done.records.length, kept, summary: lines, shown, view };
  } finally {
    for (const page of pages) await page.close();
    await database.close();
  }
}

async function settledView(url: string): Promise<PromisesView | undefined> {
  const view: PromisesView = JSON.parse(await (await fetch(`${url}/api/promises`)).text());
  return view.pending === 0 && view.unfinished.orders === 0 ? view : undefined;
}

/**
 * Runs in each page: collects the texts of violations in `benchShown`; `benchKill` presses the button that kills a process, and resolves with
 * the milliseconds until the page has drawn that it is down.
 */
const WATCHER = `(() => {
  globalThis.benchShown = new Set();
  const rowOf = (pid) => [...document.querySelectorAll("tbody tr")].find((row) => row.cells[0]?.textContent === String(pid));
  const isDown = (pid) => rowOf(pid)?.cells[1]?.querySelector(".state-down") != null;
  const look = () => {
    for (const cell of document.querySelectorAll("section[aria-label=Violations] tbody tr, tbody td.number.bad"))
      if (location.hash === "#/promises") benchShown.add(cell.textContent);
  };
  globalThis.benchKill = (pid, label) => new Promise((resolve) => {
    const begun = performance.now();
    const watcher = new MutationObserver(() => {
      if (!isDown(pid)) return;
      watcher.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - begun));
    });
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    document.querySelector('button[aria-label="' + label + '"]').click();
  });
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
})()`;

/** Kills the runtime that has run longest, once another one runs as well, and starts it again. Returns when the kill was shown. */
async function killLongestRunning(page: Page): Promise<number> {
  const runtimes = page.getByRole("region", { name: "Runtimes", exact: true }).locator("tbody tr");
  const well = runtimes.filter({ has: page.locator(".state-ok") });
  await until("all runtimes are well", async () => (await well.count()) === RUNTIMES, BACK_WITHIN_MS);
  const pid = Number(await well.first().locator("th").textContent());
  const shownMs: number = await page.evaluate(`benchKill(${pid}, "Kill process ${pid}")`);
  await page.getByRole("button", { name: `Restart process ${pid}` }).click();
  await until("it is begun again", async () => (await runtimes.filter({ hasText: `${pid}` }).count()) === 0);
  return shownMs;
}
