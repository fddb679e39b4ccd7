// The sidecar: a process of its own, so that what runs here is withdrawn from the registry however the runtime ends.

import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { createRegistry } from "../../lib/discovery/registry/create-registry.ts";
import type { Registry } from "../../lib/discovery/registry/registry.ts";
import { loadNacos } from "../../lib/nacos/package.ts";
import { whenDying } from "./dying.ts";
import type { FromSidecar, ToSidecar } from "./messages.ts";
import { probe } from "./probe.ts";
import { sidecarLog } from "./sidecar-log.ts";
import { type Watch, watch } from "./watch.ts";

/** Longest time for withdrawing everything, in milliseconds; the registry forgets the rest by itself. */
const LEAVE_MS = 5_000;

let registry: Registry | undefined;
let watches: readonly Watch[] = [];
let leaving: Promise<void> | undefined;

// Ctrl-C and a stop of the whole group are the runtime's to handle: it says when to leave.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.on("disconnect", () => void leave());
process.on("message", (message: ToSidecar) => {
  if (message.type === "stop") void leave();
  else begin(message);
});
whenDying(process.ppid, () => void leave());
// The runtime may have died while this process was loading; nothing would tell of it again.
if (!process.connected) void leave();

// It takes a while, and the services do too: the first registration should not wait for it.
void loadNacos().catch(() => {});

function begin({ config, services }: Extract<ToSidecar, { type: "watch" }>): void {
  if (leaving) return;
  const announced = createRegistry(config, sidecarLog(tell));
  registry = announced;
  const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});
  const clock = () => performance.now();
  flushCompileCache();
  watches = services.map((service) =>
    watch(service, { registry: announced, probe, tell, sleep: pause, clock }),
  );
}

function leave(): Promise<void> {
  leaving ??= (async () => {
    const withdrawn = Promise.allSettled(watches.map((one) => one.stop()));
    await Promise.race([withdrawn, sleep(LEAVE_MS)]);
    await Promise.race([registry?.close(), sleep(LEAVE_MS)]).catch(() => {});
    tell({ type: "stopped" });
    process.exit(0);
  })();
  return leaving;
}

function tell(message: FromSidecar): void {
  // The runtime may be gone; then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}
