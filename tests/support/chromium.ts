// A real browser for tests: Debian's chromium, or what CHROMIUM names.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Milliseconds that a page's actions may take: with other work beside it a browser gets little of the machine. */
const ACTION_WITHIN_MS = 180_000;

/** Starts the browser, whose pages are patient. @throws {Error} that says how to get one when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no browser at ${executablePath}. Install one (apt-get install -y chromium) or name one in CHROMIUM.`,
    );
  }
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
  // Also pages that get a context of their own are made by this.
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(ACTION_WITHIN_MS);
    return context;
  };
  return browser;
}
