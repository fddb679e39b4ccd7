// What the helper process and the control room's thread say to each other.

import type { BackendName } from "./api.ts";
import type { Budget } from "./history.ts";
import type { Stored } from "./item-queue.ts";

/** What the thread is started with. */
export interface RoomData {
  /** Where it may listen, the best one first: local sockets, or a named pipe of Windows. */
  readonly paths: readonly string[];
  /** Folder of the history. */
  readonly folder: string;
  readonly logDir: string;
  readonly budget: Budget;
  readonly reportToken: string;
}

/** To the thread. */
export type ToRoom =
  /** A runtime has a lease, and is going to report. */
  | { readonly kind: "lives"; readonly instance: string }
  | { readonly kind: "ended"; readonly instance: string }
  | { readonly kind: "mail"; readonly url: string }
  /** The answer to `switch`; `error`: why it can't be done. */
  | { readonly kind: "switched"; readonly id: number; readonly error: string | null }
  /** What the embedded database has stored. */
  | { readonly kind: "items"; readonly stored: Stored }
  | { readonly kind: "close" };

/** From the thread. */
export type FromRoom =
  | { readonly kind: "listening"; readonly path: string }
  | { readonly kind: "failed"; readonly message: string }
  /** A server of the helper process is to be stopped or started. */
  | { readonly kind: "switch"; readonly id: number; readonly name: BackendName; readonly on: boolean }
  /** So much of `items` was taken. */
  | { readonly kind: "took"; readonly size: number }
  /** Number of pages that are open. */
  | { readonly kind: "pages"; readonly count: number }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: object;
    };
