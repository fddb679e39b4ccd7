// The protocol between a runtime and the helper process: one line of JSON each way, on a connection that is the lease from
// then on. While the lease is held the helper sends further lines, its announcements. The kernel closes the connection when
// the process that holds it ends.

import type { Socket } from "node:net";
import { eachLine } from "../../lib/core/lines.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

interface RegistryAddress extends Address {
  /** With which its clients log in; a reply does not contain it. */
  readonly account?: { readonly username: string; readonly password: string };
  /**
   * In a reply: where clients that speak gRPC connect; null where that port could not be had. A helper that another version
   * started does not say.
   */
  readonly grpcPort?: number | null;
}

interface MailPorts {
  readonly host: string;
  readonly smtpPort: number;
  readonly pagePort: number;
}

interface ControlRoomAddress extends Address {
  /** Budget of its history on the disk, in megabytes. */
  readonly historyMb: number;
  /** In a reply: with which runtimes report to it. */
  readonly reportToken?: string;
}

/** The embedded servers: in a request those that the runtime needs, in a reply those that run, with their addresses. */
export interface Services {
  readonly database?: Address;
  readonly registry?: RegistryAddress;
  readonly mail?: MailPorts;
  readonly controlRoom?: ControlRoomAddress;
}

/** Settings of the whole helper process, by their names in .env: those of the runtime that started it. LOG_DIR is absolute. */
export type HelperSettings = Readonly<Record<string, string>>;

export interface Request {
  readonly secret: string;
  readonly wanted: Services;
  readonly settings: HelperSettings;
  /**
   * The id of the holder in the registry, which ends with the lease. A runtime of an earlier version does not say; what it had
   * registered is removed when its heartbeats are missed.
   */
  readonly instance?: string;
}

/** Why an embedded server did not start; with `port` when another process uses that port. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly port?: { readonly port: number; readonly purpose: string; readonly setting: string };
}

export type Reply =
  | {
      readonly pid: number;
      readonly services: Services;
      readonly settings: HelperSettings;
      /** Whether announcements follow; a helper that another version started may send none. */
      readonly announces?: boolean;
    }
  | { readonly failure: Failure };

/** Sent to all that hold a lease: the names of tables of the embedded database in which something is due. */
export interface Announcement {
  readonly due: readonly string[];
}

/** Code of the failure of a helper that is ending: once it has ended, another one can be started. */
export const HELPER_ENDING = "helper_ending";

/** The helper's first message to the process that started it, over IPC. "taken": another helper has this data folder. */
export type FirstWord =
  | { readonly state: "ready" }
  | { readonly state: "taken" | "failed"; readonly failure: Failure };

/** Calls `take` with the first line that arrives on `socket`; what follows is ignored. Limited as by {@link eachLine}. */
export function firstLine(socket: Socket, take: (line: string) => void): void {
  let taken = false;
  eachLine(socket, (text) => {
    if (!taken) take(text);
    taken = true;
  });
}

export const line = (message: Request | Reply | Announcement): string => `${JSON.stringify(message)}\n`;
