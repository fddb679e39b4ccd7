// The sidecar: a separate process, so that services are deregistered however the runtime ends.

import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { createRegistry } from "../../lib/discovery/registry/create-registry.ts";
import type { Registry } from "../../lib/discovery/registry/registry.ts";
import { loadNacos } from "../../lib/nacos/package.ts";
import { keepCompiledCode } from "../shared/compiled-code.ts";
import { whenDying } from "./dying.ts";
import type { FromSidecar, ToSidecar } from "./messages.ts";
import { createAlarm } from "./pause.ts";
import { createProber } from "./probe.ts";
import { sidecarLog } from "./sidecar-log.ts";
import { type Watch, watch } from "./watch.ts";

/** Longest time for deregistering everything, in milliseconds; the registry removes the others after missing heartbeats. */
const STOP_MS = 5_000;

let registry: Registry | undefined;
let watches: readonly Watch[] = [];
let stopping: Promise<void> | undefined;

// Signals to the process group are handled by the runtime, which sends this process a message to stop.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.on("disconnect", () => void stop());
process.on("message", (message: ToSidecar) => {
  if (message.type === "stop") void stop();
  else begin(message);
});
whenDying(process.ppid, () => void stop());
// The runtime may have died while this process was loading; no later event would report that.
if (!process.connected) void stop();

function begin({ config, embedded, services }: Extract<ToSidecar, { type: "watch" }>): void {
  if (stopping) return;
  const announced = createRegistry(config, sidecarLog(send), { embedded });
  registry = announced;
  // Loaded now, while the services start, so that the first registration does not wait for it; it is 22 MB.
  if (!embedded && ["auto", "v1"].includes(config.NACOS_API)) void loadNacos().catch(() => {});
  const clock = () => performance.now();
  flushCompileCache();
  keepCompiledCode();
  const sharing = services.length;
  const alarm = createAlarm();
  watches = services.map((service, index) => {
    const { find, pause } = createProber(service, alarm, { index, of: sharing });
    return watch(service, { registry: announced, probe: () => find(), send, sleep: pause, sharing, clock });
  });
}

function stop(): Promise<void> {
  stopping ??= (async () => {
    const withdrawn = Promise.allSettled(watches.map((one) => one.stop()));
    await Promise.race([withdrawn, sleep(STOP_MS)]);
    await Promise.race([registry?.close(), sleep(STOP_MS)]).catch(() => {});
    send({ type: "stopped" });
    process.exit(0);
  })();
  return stopping;
}

function send(message: FromSidecar): void {
  // The runtime may have ended.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}
