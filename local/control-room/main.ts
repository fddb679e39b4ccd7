// The control room's thread in the helper process: reading what arrives and writing the history must not delay the database and
// the registry, and has a heap of its own.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../lib/core/failure-text.ts";
import { VERSION } from "../../lib/core/version.ts";
import { makeFolder } from "../../lib/files/private-folder.ts";
import { keepCompiledCode } from "../shared/compiled-code.ts";
import type { HttpListener } from "../shared/listener/http-server.ts";
import { ACTIONS, createActions } from "./actions.ts";
import type { BackendName, Session } from "./api.ts";
import { Collector } from "./collector.ts";
import { History } from "./history.ts";
import { isUnreadable } from "./history-database.ts";
import { pageAssets } from "./page-assets.ts";
import { panelsOf } from "./panels.ts";
import { createServerOf } from "./server.ts";
import type { FromRoom, RoomData, ToRoom } from "./worker-messages.ts";

const { paths, folder, logDir, budget, reportToken }: RoomData = workerData;
const CLOSE_MS = 1_000;
const LOOK_AT_PAGES_MS = 1_000;

const say = (message: FromRoom): void => parentPort?.postMessage(message);
const log = (level: "info" | "warn" | "error", message: string, fields: object = {}): void =>
  say({ kind: "log", level, message, fields });

try {
  try {
    makeFolder(folder);
  } catch {
    // Said below: then no file can be opened there either.
  }
  const history = await History.open(join(folder, "history.sqlite"), budget);
  // Damage is met anywhere. What can't be read stays so: this thread fails, and the next one begins with another file.
  const failed = (error: unknown): void => {
    if (!isUnreadable(error)) return;
    setImmediate(() => {
      throw error;
    });
  };
  process.on("uncaughtExceptionMonitor", (error) => {
    if (isUnreadable(error)) history.closeDamaged();
  });
  if (history.reason !== null)
    log("warn", "the control room keeps its history in memory", { reason: history.reason });
  const collector = new Collector({ history, id: randomBytes(8).toString("hex"), log, failed });
  let asked = 0;
  const switches = new Map<number, (error: string | null) => void>();
  const switchBackend = async (name: BackendName, on: boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    asked += 1;
    const id = asked;
    switches.set(id, resolve);
    say({ kind: "switch", id, name, on });
    const error = await promise;
    switches.delete(id);
    if (error !== null) throw new Error(error);
  };
  const actions = createActions({ collector, logDir, switchBackend });
  let mailUrl: string | null = null;
  const token = randomBytes(24).toString("hex");
  const session = (): Session => ({
    token,
    version: VERSION,
    collector: collector.id,
    gateway_url: collector.gatewayUrl(),
    mail_url: mailUrl,
    actions: ACTIONS,
  });
  const panels = panelsOf({
    runtimes: collector.runtimes,
    sent: collector.sent,
    mailUrl: () => mailUrl,
  });
  const page = pageAssets();
  const listener = createServerOf({ collector, actions, panels, reportToken, session, page, log, failed });
  const path = await opened(listener, paths);
  let pages = 0;
  const watch = setInterval(() => {
    if (pages === collector.live.clients) return;
    pages = collector.live.clients;
    say({ kind: "pages", count: pages });
  }, LOOK_AT_PAGES_MS);
  parentPort?.on("message", (message: ToRoom) => {
    if (message.kind === "lives") collector.lives(message.instance);
    else if (message.kind === "ended") collector.ended(message.instance);
    else if (message.kind === "mail") mailUrl = message.url;
    else if (message.kind === "switched") switches.get(message.id)?.(message.error);
    else if (message.kind === "items") {
      collector.takeStored(message.stored);
      say({ kind: "took", size: message.stored.size });
    } else {
      clearInterval(watch);
      collector.live.close();
      void listener.close(CLOSE_MS).then(() => {
        collector.close();
        parentPort?.close();
      });
    }
  });
  say({ kind: "listening", path });
  keepCompiledCode();
} catch (error) {
  say({ kind: "failed", message: messageOf(error) });
  parentPort?.close();
}

/** Listens at the first of `paths` where that is possible. Resolves with it. @throws Node's own error of the last one. */
async function opened(listener: HttpListener, [path = "", ...others]: readonly string[]): Promise<string> {
  try {
    await listener.openPath(path);
    return path;
  } catch (error) {
    if (others.length === 0) throw error;
    return await opened(listener, others);
  }
}
