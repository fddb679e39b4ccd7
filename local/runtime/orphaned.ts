// A runtime whose starter is gone must end as well: a signal to npm alone never reaches it.

import { readFileSync } from "node:fs";

const LOOK_MS = 500;

/**
 * Sends this process SIGTERM, so that it drains, once `npm start`, `npx` or `npm run dev` has ended without ending it.
 * A runtime that was started in another way is not watched.
 */
export function endWhenOrphaned(): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    process.kill(process.pid, "SIGTERM");
  };
  // `npm run dev` holds the other end of a channel.
  if (process.connected) process.once("disconnect", end);
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const starter = ancestry();
  setInterval(() => {
    if (ancestry() !== starter) end();
  }, LOOK_MS).unref();
}

/** The shell that npm runs a script in, and npm itself; the latter where the system shows it. */
function ancestry(): string {
  const shell = process.ppid;
  try {
    return `${shell} ${/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${shell}/status`, "utf8"))?.[1]}`;
  } catch {
    return String(shell);
  }
}
