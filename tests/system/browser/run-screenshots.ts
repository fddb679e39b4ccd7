// npm run screenshots -- [--to docs/images] [--seed 1]
// The pictures of the control room in README.md: taken while `npm run demo` drives a system that is started for it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { launchChromium } from "../../support/chromium.ts";
import { beforeEnd, commandOptions, number, report, text, type Verdict } from "../../support/command.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { begin } from "../../support/run.ts";
import { send } from "../../support/shop.ts";
import { cleanEnvironment, type System, startSystem } from "../../support/system.ts";

/** Largest picture, in bytes: people load the README over slow lines, too. */
const MOST_BYTES = 150 * 1024;
/** Traffic that the pictures show. */
const RATE = 0.4;
const MINUTES = 10;
/** How long a panel may take until it shows a system that is well. */
const WITHIN_MS = 120_000;
const DEMO_MS = MINUTES * 60_000;
/** They are taken when so many orders were judged, and one of the demo's is done. */
const ENOUGH_ORDERS = 20;

interface Picture {
  readonly name: string;
  /** The part of the address behind `#/`; `{order}` stands for one of the demo's. */
  readonly panel: string;
  readonly look: BrowserContextOptions;
}

/** Wide enough for all of the map. */
const WIDE = { width: 1_400, height: 800 };

const PICTURES: readonly Picture[] = [
  { name: "map-light", panel: "map", look: { colorScheme: "light", locale: "en-GB", viewport: WIDE } },
  {
    name: "order-dark",
    panel: "orders?id={order}",
    look: { colorScheme: "dark", locale: "en-GB", viewport: WIDE },
  },
  { name: "promises-zh", panel: "promises", look: { colorScheme: "light", locale: "zh-CN", viewport: WIDE } },
  {
    name: "sent-narrow",
    panel: "sent",
    look: { colorScheme: "light", locale: "en-GB", viewport: { width: 390, height: 800 } },
  },
];

const options = commandOptions({ to: text("docs/images"), seed: number(1) });
let system: System | undefined;
let browser: Browser | undefined;
beforeEnd(async () => {
  await browser?.close();
  await system?.cleanUp();
});
console.log(`seed ${options.seed}`);
report(await screenshots(options.to, options.seed));

async function screenshots(folder: string, seed: number): Promise<Verdict> {
  const [port] = await freePorts(1);
  const room = `http://127.0.0.1:${port}`;
  system = await startSystem({ env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port) } });
  const demo = await begin(
    process.execPath,
    [
      "tools/demo/main.ts",
      ...["--against", system.gatewayUrl, "--rate", String(RATE)],
      ...["--minutes", String(MINUTES), "--seed", String(seed)],
    ],
    { env: { ...cleanEnvironment(), ...system.env } },
  );
  try {
    const order = await until("the demo has been going on for a while", () => shownOrder(room), DEMO_MS);
    browser = await launchChromium();
    mkdirSync(folder, { recursive: true });
    let failed = 0;
    for (const picture of PICTURES) {
      const bytes = await take(browser, room, join(folder, `${picture.name}.png`), order, picture);
      console.log(`${picture.name}.png: ${Math.ceil(bytes / 1_024)} KiB`);
      if (bytes > MOST_BYTES) failed += 1;
    }
    return { passed: PICTURES.length - failed, failed };
  } finally {
    await demo.end();
    await browser?.close();
    await system.cleanUp();
  }
}

/** The newest order that was paid and completed, once enough of them were judged. */
async function shownOrder(room: string): Promise<string | undefined> {
  const { promises, failure } = (await send("GET", `${room}/api/promises`)).body;
  const judged: number = failure === null ? (promises[0]?.checked ?? 0) : 0;
  if (judged < ENOUGH_ORDERS) return undefined;
  return (await send("GET", `${room}/api/orders?status=completed`)).body.items[0]?.order_id;
}

/** Takes a picture of what a reader sees first. Returns its bytes. */
async function take(
  browser: Browser,
  room: string,
  path: string,
  order: string,
  { panel, look }: Picture,
): Promise<number> {
  const context = await browser.newContext(look);
  context.setDefaultTimeout(WITHIN_MS);
  try {
    const page = await context.newPage();
    await page.goto(`${room}/#/${panel.replace("{order}", order)}`);
    await page.locator(".connection-connected").waitFor();
    // On a busy machine a runtime may report too late for a moment.
    await page.locator("header .verdict.good").waitFor();
    // Filled by what has been read, not by the head of a table alone.
    await page.locator("main tbody tr").nth(1).waitFor();
    await page.evaluate("document.fonts.ready");
    return (await page.screenshot({ path })).byteLength;
  } finally {
    await context.close();
  }
}
