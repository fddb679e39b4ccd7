// Ends a runtime whose parent process has ended: a signal that is sent to npm alone does not reach it.

import { readFileSync } from "node:fs";

const LOOK_MS = 500;

/**
 * Sends this process SIGTERM, so that it drains, when `npm start`, `npm run serve`, `npx` or `npm run dev` has ended without stopping it.
 * Does nothing for a runtime that was started in another way.
 */
export function endWhenOrphaned(): void {
  let ending = false;
  const end = () => {
    // What it drains for was sent to all of the group: another signal would end it at once.
    if (ending || globalThis.cfmpOrderDraining) return;
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

/** The pids of the shell in which npm runs a script and, where the system shows it, of npm itself. */
function ancestry(): string {
  const shell = process.ppid;
  try {
    return `${shell} ${/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${shell}/status`, "utf8"))?.[1]}`;
  } catch {
    return String(shell);
  }
}
