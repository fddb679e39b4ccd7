// The helper process's side of the control room: starts its thread, and another one when that ends unexpectedly.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../lib/core/failure-text.ts";
import type { Log } from "../shared/log.ts";
import type { BackendName } from "./api.ts";
import { itemQueue } from "./item-queue.ts";
import type { FromRoom, RoomData, ToRoom } from "./worker-messages.ts";

export interface RoomOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly historyMb: number;
  readonly dataDir: string;
  readonly logDir: string;
  readonly log: Log;
  /** Stops or starts a server of the helper process. Rejects with the reason why it can't. */
  readonly switchBackend: (name: BackendName, on: boolean) => Promise<void>;
}

export interface ControlRoom {
  readonly port: number;
  /** Proves to the control room that a report is a runtime's. */
  readonly reportToken: string;
  /** Whether a page is open, and was while the last runtime ended, which is not ten minutes ago. */
  isWatched(): boolean;
  /** A runtime has ended. */
  instanceEnded(instance: string): void;
  /** What the embedded database has stored; undefined: something that is not known for certain. */
  changed(
    changes: readonly { readonly table: string; readonly text: string | undefined }[] | undefined,
  ): void;
  /** Where caught mails are shown. */
  mailAt(url: string): void;
  close(): Promise<void>;
}

const MB = 1_000_000;
const HISTORY_MS = 24 * 3_600_000;
/** Of its thread, in MB: what is received waits there for a moment; the history itself is SQLite's. */
const HEAP = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };
const RESTART_MS = 1_000;
const CLOSE_MS = 3_000;
/** How long the helper is kept by an open page after its last runtime has ended, so that the page can start one again. */
const OUTLIVES_MS = 10 * 60_000;

/** Rejects with Node's own error (`EADDRINUSE`) when the address can't be had. */
export async function startControlRoom(options: RoomOptions): Promise<ControlRoom> {
  const { log, dataDir } = options;
  const reportToken = randomBytes(24).toString("hex");
  let port = options.port;
  let pages = 0;
  let endedAt = performance.now();
  let mailUrl: string | undefined;
  let closing = false;
  let restart: NodeJS.Timeout | undefined;
  let worker: Worker;

  const tell = (message: ToRoom): void => worker.postMessage(message);
  const items = itemQueue((stored) => tell({ kind: "items", stored }));

  async function switchBackend({ id, name, on }: FromRoom & { kind: "switch" }): Promise<void> {
    const error = await options.switchBackend(name, on).then(() => null, messageOf);
    tell({ kind: "switched", id, error });
  }

  function run(): Promise<number> {
    const data: RoomData = {
      host: options.host,
      port,
      folder: join(dataDir, "control-room"),
      logDir: options.logDir,
      budget: { bytes: options.historyMb * MB, ms: HISTORY_MS },
      reportToken,
    };
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const own = new Worker(new URL("main.ts", import.meta.url), { workerData: data, resourceLimits: HEAP });
    worker = own;
    own.on("message", (message: FromRoom) => {
      if (message.kind === "listening") resolve(message.port);
      else if (message.kind === "failed")
        reject(Object.assign(new Error(message.message), { code: message.code }));
      else if (message.kind === "pages") pages = message.count;
      else if (message.kind === "switch") void switchBackend(message);
      else if (message.kind === "took") items.took(message.size);
      else log(message.level, message.message, { ...message.fields });
    });
    own.on("error", (error: Error) => {
      reject(error);
      log("error", "the control room's thread failed", { error: error.stack ?? error.message });
    });
    own.once("exit", () => {
      pages = 0;
      reject(new Error("The control room's thread has ended."));
      if (closing || own !== worker) return;
      restart = setTimeout(again, RESTART_MS).unref();
    });
    return promise;
  }

  function again(): void {
    items.restart();
    run().then(
      () => mailUrl !== undefined && tell({ kind: "mail", url: mailUrl }),
      (error: Error) => log("error", "the control room does not start again", { error: error.message }),
    );
  }

  try {
    port = await run();
  } catch (error) {
    closing = true;
    throw error;
  }
  return {
    port,
    reportToken,
    isWatched: () => pages > 0 && performance.now() - endedAt < OUTLIVES_MS,
    instanceEnded(instance) {
      endedAt = performance.now();
      tell({ kind: "ended", instance });
    },
    changed: (changes) => items.add(changes),
    mailAt(url) {
      mailUrl = url;
      tell({ kind: "mail", url });
    },
    async close() {
      closing = true;
      clearTimeout(restart);
      items.close();
      const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
      tell({ kind: "close" });
      const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
