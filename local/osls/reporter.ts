// What osls writes its messages with, loaded by the first message that is shown: a start that succeeds shows none.

import type { EventEmitter } from "node:events";
import type nodeModule from "node:module";
import { provide } from "./stand-in.ts";

/** Makes the writer of messages; osls calls it once, before anything else. */
const REPORTER = "./lib/utils/serverless-utils/lib/log-reporters/node/log-reporter.js";

interface Settings {
  /** Messages up to this level are shown: 0 is an error, 4 the finest. */
  readonly logLevelIndex: number;
  /** Parts of osls of which every message is shown, comma-separated. */
  readonly debugNamespaces?: string;
}

interface Message {
  readonly logger: { readonly levelIndex: number; readonly namespace: string | null };
}

/** To be called before osls is loaded, with its `require`. */
export function loadReporterLater(osls: ReturnType<typeof nodeModule.createRequire>): void {
  const path = osls.resolve(REPORTER);
  provide(path, () => (settings: Settings) => {
    const load = () => {
      delete osls.cache[path];
      osls(REPORTER)(settings);
    };
    if (settings.debugNamespaces) return load();
    const emitter: Pick<EventEmitter, "on" | "off" | "emit"> = osls("log/lib/emitter");
    whenShown(emitter, settings.logLevelIndex, load);
  });
}

/** Calls `load` at the first message that is shown, and then sends all again that the reporter has missed. */
function whenShown(
  emitter: Pick<EventEmitter, "on" | "off" | "emit">,
  levelIndex: number,
  load: () => void,
): void {
  const made: Message[] = [];
  const onInit = (message: Message) => made.push(message);
  const onLog = (message: Message) => {
    if (message.logger.levelIndex > levelIndex) return;
    emitter.off("init", onInit);
    emitter.off("log", onLog);
    load();
    // Those without a name are found by the reporter itself.
    for (const event of made) if (event.logger.namespace) emitter.emit("init", event);
    emitter.emit("log", message);
  };
  emitter.on("init", onInit);
  emitter.on("log", onLog);
}
