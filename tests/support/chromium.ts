// A real browser for tests: Debian's chromium, or what CHROMIUM names.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Starts the browser. @throws {Error} that says how to get one when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no browser at ${executablePath}. Install one (apt-get install -y chromium) or name one in CHROMIUM.`,
    );
  }
  return chromium.launch({
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
}
