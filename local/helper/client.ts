// The client of the helper process: a runtime calls it to get database, registry and mail catcher. Finds or starts the helper.

import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { dataFolder } from "../shared/data-folder.ts";
import { isAlive } from "../shared/is-alive.ts";
import type { Log } from "../shared/log.ts";
import { portInUse } from "../shared/ports.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { describeDifferences, helperSettings, settingDifferences } from "./differences.ts";
import { type Lease, takeLease } from "./lease.ts";
import { type Failure, HELPER_ENDING, type HelperSettings } from "./protocol.ts";
import { startHelper } from "./start-helper.ts";
import { inTurn } from "./start-turn.ts";
import { readState } from "./state-file.ts";
import { wantedServices } from "./wanted.ts";

/** The embedded servers that this runtime uses. Those for which the configuration names another server are not among them. */
export interface Helper {
  /** Its pid; undefined if no embedded server is needed. */
  readonly pid?: number;
  readonly database?: { readonly host: string; readonly port: number };
  /** `grpcPort`: null where it could not be had, undefined where the helper does not say. */
  readonly registry?: { readonly host: string; readonly port: number; readonly grpcPort?: number | null };
  readonly mail?: {
    readonly smtpPort: number;
    readonly pagePort: number;
    readonly smtpUrl: string;
    readonly pageUrl: string;
  };
  readonly controlRoom?: { readonly url: string; readonly reportToken: string };
  /** Whether this call started the helper. */
  readonly started: boolean;
  /** Releases the lease; the helper ends after 3 s without any lease. */
  release(): void;
  /** Registers a callback, called once if the helper ends before the release. `ensureHelper` may then be called again at once. */
  onExit(listener: () => void): void;
  /**
   * Whether it announces what is due in the embedded database. Not, for example, one that another version started: then the
   * runtime has to look itself.
   */
  readonly announces: boolean;
  /** Registers a callback, called with the names of tables in which something is due, every 2 s until it no longer is. */
  onDue(listener: (tables: readonly string[]) => void): void;
}

export interface HelperOptions {
  readonly config: Config;
  readonly log: Log;
  /** The id with which this runtime's services are registered: when the lease ends, the embedded registry takes them out. */
  readonly instance?: string | undefined;
  /** Milliseconds for which the helper keeps running without a lease; the value of the call that starts it applies. */
  readonly graceMs?: number;
}

const giveUpMs = 60_000;
const againMs = 25;
const startingMs = 500;

/**
 * Takes a lease on the helper of `config.DATA_DIR`, and starts it if there is none. The lease ends with `release` or with
 * this process. Runtimes with the same DATA_DIR share one helper, also when they start at the same time. A helper without any
 * lease whose settings differ from this configuration is replaced; other settings than the addresses are only warned about.
 * @throws {StartUpError} if a folder cannot be used, a port is in use, another process has opened the data, or another runtime
 * uses the helper with an embedded server at another address.
 */
export async function ensureHelper({
  config,
  log,
  instance,
  graceMs = 3_000,
}: HelperOptions): Promise<Helper> {
  const wanted = wantedServices(config);
  if (Object.keys(wanted).length === 0) return nothing;
  const dataDir = dataFolder(config.DATA_DIR);
  const settings = helperSettings(config);
  const request = { wanted, settings, ...(instance !== undefined && { instance }) };
  const giveUpAt = performance.now() + giveUpMs;
  let failure: Failure = {
    code: "helper_start_failed",
    message: "The helper process keeps ending; see helper.log.",
  };
  let started = false;
  let startAt = 0;
  while (performance.now() < giveUpAt) {
    const state = await readState(dataDir);
    const lease = state && (await takeLease(state, request));
    if (lease !== undefined && "code" in lease) {
      if (lease.code !== HELPER_ENDING) throw await explained(lease);
      while (isAlive(state?.pid ?? 0) && performance.now() < giveUpAt) await sleep(againMs);
      continue;
    }
    if (lease !== undefined) {
      warnOfDifferences(lease, settings, log);
      return helper(lease, started, log);
    }
    if (performance.now() < startAt) {
      await sleep(againMs);
      continue;
    }
    const word = await inTurn(dataDir, () => startHelper(dataDir, settings, config.LOG_DIR, graceMs));
    if (word === undefined) {
      await sleep(againMs);
      continue;
    }
    if (word.state === "failed") throw await explained(word.failure);
    started = word.state === "ready";
    if (word.state === "taken") {
      // Another helper is starting or ending: soon it can be used, or replaced.
      failure = word.failure;
      startAt = performance.now() + startingMs;
    }
  }
  throw await explained(failure);
}

const nothing: Helper = {
  started: false,
  announces: false,
  release: () => {},
  onExit: () => {},
  onDue: () => {},
};

function helper(
  { pid, services, release, onExit, announces, onDue }: Lease,
  started: boolean,
  log: Log,
): Helper {
  const { database, registry, mail, controlRoom } = services;
  if (Object.keys(services).length === 0) {
    release();
    return nothing;
  }
  log("info", started ? "started the helper process" : "joined the helper process", { pid });
  return {
    pid,
    ...(database ? { database } : {}),
    ...(registry ? { registry } : {}),
    ...(mail
      ? {
          mail: {
            smtpPort: mail.smtpPort,
            pagePort: mail.pagePort,
            smtpUrl: `smtp://${authority(mail.host, mail.smtpPort)}`,
            pageUrl: `http://${authority(mail.host, mail.pagePort)}/`,
          },
        }
      : {}),
    ...(controlRoom
      ? {
          controlRoom: {
            url: `http://${authority(controlRoom.host, controlRoom.port)}`,
            reportToken: controlRoom.reportToken ?? "",
          },
        }
      : {}),
    started,
    release,
    onExit,
    announces: announces && database !== undefined,
    onDue,
  };
}

function warnOfDifferences({ settings: running }: Lease, wanted: HelperSettings, log: Log): void {
  // A helper that another version started does not say which settings it has.
  const differences = settingDifferences(running ?? {}, wanted);
  if (differences.length === 0) return;
  log("warn", "another runtime started the helper process with other settings, which it keeps", {
    differences: describeDifferences(differences),
  });
}

async function explained({ code, message, port }: Failure): Promise<StartUpError> {
  return port === undefined ? new StartUpError(code, message) : await portInUse(port);
}
