// Promises hold while runtimes are killed from the page: nothing wrong is shown, and nothing is found by a check that does not know the
// control room. `npm run bench:room -- --only kills --minutes 10` does the same for longer.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { launchChromium } from "../../support/chromium.ts";
import { demoUnderKills } from "../../support/demo-under-kills.ts";

const SECONDS = 40;
/** For a busy machine: starts, and what is under way in the end. */
const WITHIN_MS = 900_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

test(
  "people buy, and runtimes are killed from the page: no promise is broken, or shown as broken",
  async () => {
    const seen = await demoUnderKills(browser, {
      seconds: SECONDS,
      rate: 3,
      killEverySeconds: 5,
      seed: 14,
      progress: () => {},
    });
    // The summary says what was not kept.
    expect(seen.kept ? [] : seen.summary).toEqual([]);
    expect(seen.orders).toBeGreaterThan(0);
    expect(seen.killsShownMs.length).toBeGreaterThan(0);
    expect(seen.shown).toEqual([]);
    expect(seen.view).toMatchObject({ violations: [], failure: null });
    expect(seen.view.promises.map(({ violations }) => violations)).toEqual(seen.view.promises.map(() => 0));
  },
  WITHIN_MS,
);
