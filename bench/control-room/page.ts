// How smooth the page stays with many instances, lines and traces, while it is scrolled and filtered and more arrives.

import type { Browser, Page } from "playwright-core";
import { until } from "../../tests/support/poll.ts";
import { type CrowdedRoom, openCrowdedRoom, SIZE } from "./crowded-room.ts";
import { type Frames, framesDuring, recordFrames } from "./frames.ts";

export interface PageFigures {
  /** Milliseconds from the request for the page until there is something to see, of each of some loads. */
  readonly firstPaintMs: readonly number[];
  readonly phases: readonly PagePhase[];
}

export interface PagePhase {
  readonly name: string;
  readonly frames: Frames;
}

/** Runs in the page: clicks "Show more" and gives how many such buttons there were. */
const SHOW_MORE = `(() => {
  const found = [...document.querySelectorAll("button")].filter(({ textContent }) => textContent === "Show more");
  for (const button of found) button.click();
  return found.length;
})()`;

/** Runs in the page: scrolls what `SELECTOR` names (the window without one) down and up, a good part of a screen with each frame. */
const SCROLL = `(([selector, forMs]) => new Promise((resolve) => {
  const box = selector === "" ? document.scrollingElement : document.querySelector(selector);
  const end = performance.now() + forMs;
  let step = 240;
  const frame = () => {
    const before = box.scrollTop;
    box.scrollTop += step;
    if (box.scrollTop === before) step = -step;
    if (performance.now() < end) requestAnimationFrame(frame);
    else resolve();
  };
  requestAnimationFrame(frame);
}))`;
const LIST = ".virtual, .virtual-table";
const WINDOW = { width: 1_440, height: 900 };
const PAUSE_MS = 700;

/** Measures each phase for `phaseMs`. */
export async function measurePage(browser: Browser, phaseMs: number): Promise<PageFigures> {
  const room = await openCrowdedRoom();
  const page = await browser.newPage({ locale: "en-GB", viewport: WINDOW });
  try {
    await recordFrames(page);
    room.live(true);
    const firstPaintMs = await firstPaints(page, room.url);
    return { firstPaintMs, phases: await phases(room, page, phaseMs) };
  } finally {
    await page.close();
    await room.close();
  }
}

const LOADS = 7;

async function firstPaints(page: Page, url: string): Promise<readonly number[]> {
  const seen: number[] = [];
  // The first one has the script bundled.
  for (let load = 0; load <= LOADS; load += 1) {
    await page.goto("about:blank");
    await page.goto(`${url}/#/map`);
    await page.getByText("Live", { exact: true }).waitFor();
    const ms: number = await page.evaluate(
      'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN',
    );
    if (load > 0) seen.push(ms);
  }
  return seen;
}

async function phases(room: CrowdedRoom, page: Page, phaseMs: number): Promise<readonly PagePhase[]> {
  const seen: PagePhase[] = [];
  const during = async (name: string, work: () => Promise<void>) => {
    seen.push({ name, frames: await framesDuring(page, work) });
  };
  const scroll = (selector: string) =>
    page.evaluate(`${SCROLL}(${JSON.stringify([selector, phaseMs])})`).then(() => {});
  const open = async (panel: string) => {
    await page.goto(`${room.url}/#/${panel}`);
    await page.getByText("Live", { exact: true }).waitFor();
  };
  const find = page.getByRole("button", { name: "Find" });

  await open("map");
  await page.getByRole("region", { name: "Instances" }).first().waitFor();
  await during("map, scrolled", () => scroll(""));

  await open("logs");
  await page.locator(`${LIST} li`).first().waitFor();
  await room.sendLines(SIZE.lines);
  await until("the page holds them", async () => (await heldLines(page)) >= SIZE.lines);
  await during("logs, scrolled", () => scroll(LIST));
  await during("logs, filtered", () =>
    repeatedly(phaseMs, async (turn) => {
      await page.getByRole("combobox", { name: "Level" }).selectOption(turn % 2 === 0 ? "warn" : "");
      await find.click();
    }),
  );

  await open("traces");
  await during("traces, all of them loaded", async () => {
    const more = page.getByRole("button", { name: "Show more" });
    await more.waitFor();
    for (let shown = 0; shown < SIZE.traces; ) {
      // In one step: traces arrive meanwhile, and the button goes when the page holds all that it can.
      if ((await page.evaluate<number>(SHOW_MORE)) === 0) return;
      const before = shown;
      shown = await until("more are shown", async () => {
        const now = await shownTraces(page);
        return now > before || (await more.count()) === 0 ? now : undefined;
      });
    }
  });
  await during("traces, scrolled", () => scroll(LIST));
  await during("traces, filtered", () =>
    repeatedly(phaseMs, async (turn) => {
      await page.getByRole("textbox", { name: "Name" }).fill(turn % 2 === 0 ? "orders" : "");
      await find.click();
    }),
  );

  await open("metrics");
  await page.locator(".plot canvas").first().waitFor();
  await during("metrics, scrolled", () => scroll(""));
  await open("faults");
  await during("faults, scrolled", () => scroll(""));
  return seen;
}

async function repeatedly(forMs: number, work: (turn: number) => Promise<void>): Promise<void> {
  const end = performance.now() + forMs;
  for (let turn = 0; performance.now() < end; turn += 1) {
    await work(turn);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const numberIn = (text: string | null): number => Number((text ?? "").replace(/[^\d]/g, ""));

async function heldLines(page: Page): Promise<number> {
  return numberIn(await page.getByText(/^[\d,. ]+ lines/).textContent());
}

async function shownTraces(page: Page): Promise<number> {
  return numberIn(await page.getByText(/^[\d,. ]+ traces/).textContent());
}
