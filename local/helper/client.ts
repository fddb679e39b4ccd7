// What a runtime calls to have a database, a registry and a mail catcher: it finds the helper process, or starts it.

import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { dataFolder } from "../shared/data-folder.ts";
import type { Log } from "../shared/log.ts";
import { portInUse } from "../shared/ports.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { Failure } from "./protocol.ts";
import { startHelper } from "./start-helper.ts";
import { inTurn } from "./start-turn.ts";
import { readState } from "./state-file.ts";
import { wantedServices } from "./wanted.ts";

/** The services of the helper process as this runtime uses them; those that the configuration places elsewhere are not among them. */
export interface Helper {
  /** The helper's; none if nothing of it is needed. */
  readonly pid?: number;
  readonly database?: { readonly host: string; readonly port: number };
  readonly registry?: { readonly host: string; readonly port: number };
  readonly mail?: {
    readonly smtpPort: number;
    readonly pagePort: number;
    readonly smtpUrl: string;
    readonly pageUrl: string;
  };
  /** Whether this call started the helper. */
  readonly started: boolean;
  /** Gives the lease up; without one for 3 s the helper ends. */
  release(): void;
  /** Calls back once if the helper ends before the release. `ensureHelper` may be called again at once. */
  onExit(listener: () => void): void;
}

export interface HelperOptions {
  readonly config: Config;
  readonly log: Log;
  /** How long the helper lives on without a lease; that of the call that starts it counts. */
  readonly graceMs?: number;
}

const giveUpMs = 60_000;
const againMs = 25;
const startingMs = 500;

/**
 * Takes a lease on the helper of `config.DATA_DIR`, starting it if there is none. The lease ends with `release`, or with
 * this process, however it ends. Runtimes of one DATA_DIR share one helper, also when they start at the same moment; a
 * service that runs already stays at its address, whatever port this configuration names.
 * @throws {StartUpError} if a folder cannot be used, a port is taken, or the data are held by something else.
 */
export async function ensureHelper({ config, log, graceMs = 3_000 }: HelperOptions): Promise<Helper> {
  const wanted = wantedServices(config);
  if (Object.keys(wanted).length === 0) return nothing;
  const dataDir = dataFolder(config.DATA_DIR);
  const giveUpAt = performance.now() + giveUpMs;
  let failure: Failure = {
    code: "helper_start_failed",
    message: "The helper process ends again and again; see helper.log.",
  };
  let started = false;
  let startAt = 0;
  while (performance.now() < giveUpAt) {
    const state = await readState(dataDir);
    const lease = state && (await takeLease(state, wanted));
    if (lease !== undefined && "code" in lease) throw await explained(lease);
    if (lease !== undefined) return helper(lease, started, log);
    if (performance.now() < startAt) {
      await sleep(againMs);
      continue;
    }
    const word = await inTurn(dataDir, () => startHelper(dataDir, config.LOG_DIR, graceMs));
    if (word === undefined) {
      await sleep(againMs);
      continue;
    }
    if (word.state === "failed") throw await explained(word.failure);
    started = word.state === "ready";
    if (word.state === "taken") {
      // Another helper is being started or is ending: in a moment it can be joined, or its place is free.
      failure = word.failure;
      startAt = performance.now() + startingMs;
    }
  }
  throw await explained(failure);
}

const nothing: Helper = { started: false, release: () => {}, onExit: () => {} };

function helper({ pid, services, release, onExit }: Lease, started: boolean, log: Log): Helper {
  const { database, registry, mail } = services;
  if (Object.keys(services).length === 0) {
    release();
    return nothing;
  }
  log("info", started ? "Started the helper process" : "Joined the helper process", { pid });
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
    started,
    release,
    onExit,
  };
}

async function explained({ code, message, port }: Failure): Promise<StartUpError> {
  return port === undefined ? new StartUpError(code, message) : await portInUse(port);
}
