// Starts the server with empty handlers.

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Urls } from "../../tests/support/shop.ts";

export interface EmptyHandlers {
  readonly urls: Urls;
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param replies bodies by `POST /api/orders/` and the like. */
export async function startEmptyHandlers(replies: Readonly<Record<string, string>>): Promise<EmptyHandlers> {
  const child = fork(join(import.meta.dirname, "main.ts"), [JSON.stringify(replies)], {
    execArgv: ["--no-warnings"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const ended = once(child, "close");
  const [port] = await Promise.race([once(child.stdout ?? child, "data"), ended]);
  const url = `http://127.0.0.1:${Number(String(port))}`;
  return {
    urls: { orders: url, payments: url, notifications: url },
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
