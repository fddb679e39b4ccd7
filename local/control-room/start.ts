// The helper process's side of the control room: opens its port, and starts its thread when somebody connects, which is the first runtime
// once it is ready. So the start does not wait for it, nor share the machine with it.

import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../lib/core/failure-text.ts";
import type { Log } from "../shared/log.ts";
import type { BackendName } from "./api.ts";
import { door } from "./door.ts";
import { itemQueue } from "./item-queue.ts";
import type { StoredWrite } from "./orders/stored-item.ts";
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
  /** A runtime has a lease, perhaps again, and is going to report. */
  instanceLives(instance: string): void;
  /** A runtime has ended. */
  instanceEnded(instance: string): void;
  /** What the embedded database has written; undefined: something that is not known for certain. */
  changed(writes: readonly StoredWrite[] | undefined): void;
  /** Where caught mails are shown. */
  mailAt(url: string): void;
  close(): Promise<void>;
}

const MB = 1_000_000;
const HISTORY_MS = 24 * 3_600_000;
const ZOD_IN_ENGLISH = join(import.meta.dirname, "..", "shared", "zod-in-english.cjs");
/** Of its thread, in MB: what is received waits there for a moment; the history itself is SQLite's. */
const HEAP = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };
/** So long nobody is let in after the thread has failed. */
const RESTART_MS = 1_000;
/** Of a local socket's path, on any system that has them. */
const LONGEST_PATH = 100;
const CLOSE_MS = 3_000;
/** How long the helper is kept by an open page after its last runtime has ended, so that the page can start one again. */
const OUTLIVES_MS = 10 * 60_000;

/** Rejects with Node's own error (`EADDRINUSE`) when the address can't be had. */
export async function startControlRoom(options: RoomOptions): Promise<ControlRoom> {
  const { log, dataDir } = options;
  const reportToken = randomBytes(24).toString("hex");
  const folder = join(dataDir, "control-room");
  const paths = socketPaths(folder);
  /** Instances that have a lease and report. */
  const living = new Set<string>();
  let pages = 0;
  let endedAt = performance.now();
  let mailUrl: string | undefined;
  let closing = false;
  let worker: Worker | undefined;
  let ready: Promise<string> | undefined;

  const tell = (message: ToRoom): void => worker?.postMessage(message);
  const items = itemQueue((stored) => tell({ kind: "items", stored }), { isWatched: () => pages > 0 });

  async function switchBackend({ id, name, on }: FromRoom & { kind: "switch" }): Promise<void> {
    const error = await options.switchBackend(name, on).then(() => null, messageOf);
    tell({ kind: "switched", id, error });
  }

  function run(): Promise<string> {
    const data: RoomData = {
      paths,
      folder,
      logDir: options.logDir,
      budget: { bytes: options.historyMb * MB, ms: HISTORY_MS },
      reportToken,
    };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const own = new Worker(new URL("main.ts", import.meta.url), {
      workerData: data,
      resourceLimits: HEAP,
      execArgv: ["--require", ZOD_IN_ENGLISH],
    });
    worker = own;
    items.begin();
    if (mailUrl !== undefined) tell({ kind: "mail", url: mailUrl });
    for (const instance of living) tell({ kind: "lives", instance });
    own.on("message", (message: FromRoom) => {
      if (message.kind === "listening") resolve(message.path);
      else if (message.kind === "failed") reject(new Error(message.message));
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
      worker = undefined;
      items.pause();
      reject(new Error("The control room's thread has ended."));
      setTimeout(() => {
        ready = undefined;
      }, RESTART_MS).unref();
    });
    return promise;
  }

  /** Where the thread listens, which is started for the first who asks. */
  function room(): Promise<string> {
    if (closing) return Promise.reject(new Error("The control room is closed."));
    if (ready === undefined) {
      ready = run();
      ready.catch((error: Error) =>
        log("error", "the control room does not start", { error: messageOf(error) }),
      );
    }
    return ready;
  }

  const entrance = door(room);
  const port = await entrance.open({ host: options.host, port: options.port });
  return {
    port,
    reportToken,
    isWatched: () => pages > 0 && performance.now() - endedAt < OUTLIVES_MS,
    instanceLives(instance) {
      living.add(instance);
      tell({ kind: "lives", instance });
    },
    instanceEnded(instance) {
      living.delete(instance);
      endedAt = performance.now();
      tell({ kind: "ended", instance });
    },
    changed: (writes) => items.add(writes),
    mailAt(url) {
      mailUrl = url;
      tell({ kind: "mail", url });
    },
    async close() {
      closing = true;
      items.close();
      const own = worker;
      if (own !== undefined) {
        const ended = new Promise<void>((resolve) => own.once("exit", () => resolve()));
        tell({ kind: "close" });
        const late = setTimeout(() => void own.terminate(), CLOSE_MS);
        await ended;
        clearTimeout(late);
      }
      await entrance.close();
    },
  };
}

/** A path in `folder`, unless it is too long there, and one outside of it, as the folder may be one that can't be written. */
function socketPaths(folder: string): readonly string[] {
  const name = `cfmp-room-${randomBytes(8).toString("hex")}`;
  if (process.platform === "win32") return [`\\\\.\\pipe\\${name}`];
  const [inside, outside] = [join(folder, "room.sock"), join(tmpdir(), `${name}.sock`)];
  return Buffer.byteLength(inside) <= LONGEST_PATH ? [inside, outside] : [outside];
}
