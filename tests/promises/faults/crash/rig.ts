// A system whose runtime and helper crash at a given point, and whose disk fails at one.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HINT_GRACE_MS } from "../../../../lib/outbox/outbox.ts";
import { freePorts } from "../../../support/free-ports.ts";
import { until } from "../../../support/poll.ts";
import { isAlive } from "../../../support/processes.ts";
import { type PushService, startPushService } from "../../../support/push-service.ts";
import { RealSystem } from "../../../support/real-system.ts";
import { send } from "../../../support/shop.ts";
import { type Driver, driver } from "../../deal.ts";
import { outlast } from "./failing-disk.ts";
import type { Point } from "./passages.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

/** What fails: the runtime with the services, the helper with the embedded database, or the disk below that. */
export const ROLES = ["runtime", "database", "disk"] as const;

export type Role = (typeof ROLES)[number];

export interface Rig {
  readonly system: RealSystem;
  readonly drive: Driver;
  /** Where browsers subscribe; outside of what fails. */
  readonly pushService: PushService;
  /** Where webhooks are; outside as well. */
  readonly receiver: WebhookReceiver;
  /** Forgets what was passed, and lets the process or disk of `role` fail at `point` (undefined: nowhere). */
  arm(role: Role, point: Point | undefined): Promise<void>;
  /** How often each passage came since the last {@link arm}. */
  counts(role: Role): Promise<Readonly<Record<string, number>>>;
  /**
   * Resolves when every port is watched, in both processes.
   * @throws {Error} which names the modules in whose place nothing watched is loaded: the matrix would lack their points, and nobody would see it.
   */
  watchesAll(): Promise<void>;
  /** Resolves when no port was called for a moment. */
  quiet(): Promise<void>;
  /** True once what was armed has failed. */
  struck(): Promise<boolean>;
  /**
   * Starts again what has crashed, or mends the disk; resolves when it is ready.
   * @returns what was wrongly acknowledged, or not reported, while the disk failed, in sentences.
   */
  recover(): Promise<readonly string[]>;
  /** After the disk has failed: ends the helper with -9, so that only what is on the disk counts. */
  forget(): Promise<void>;
  /** Sets the services' clock forward. */
  advance(ms: number): Promise<void>;
  /** While true, no hint arrives: everything waits for a sweep. */
  loseHints(lost: boolean): Promise<void>;
  /** Lets all relays look for what is due. */
  sweep(): Promise<void>;
  /** Ends all of it. */
  end(): Promise<void>;
}

/** Longer than a delivery waits to be recorded. */
const IDLE_MS = 0.6 * HINT_GRACE_MS;

/** Starts it, with settings besides its own. */
export async function startRig(settings: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const [runtimePort, helperPort] = await freePorts(2);
  const ports = { runtime: runtimePort, database: helperPort, disk: helperPort };
  const [pushService, receiver] = await Promise.all([startPushService(), startWebhookReceiver()]);
  const folder = mkdtempSync(join(tmpdir(), "cfmp-push-"));
  const authority = join(folder, "ca.pem");
  writeFileSync(authority, pushService.ca);
  let ahead = 0;
  /** Undefined once it has recovered. */
  let armed: { readonly role: Role; readonly pid: number | undefined } | undefined;
  const system = await RealSystem.start({
    held: true,
    clock: () => Date.now() + ahead,
    changing: () => ({ CRASH_CLOCK_MS: String(ahead) }),
    env: {
      ...settings,
      NODE_OPTIONS: `--import ${join(import.meta.dirname, "preload.ts")} --no-warnings`,
      CRASH_CONTROL: `${runtimePort},${helperPort}`,
      NODE_EXTRA_CA_CERTS: authority,
    },
  });
  const [runtime] = system.runtimes;
  if (!runtime) throw new Error("There is no runtime");

  const ask = async (role: Role, path: string) =>
    (await send("POST", `http://127.0.0.1:${ports[role]}${path}`)).body;
  /** Asks until there is an answer: what was killed may just be starting again. */
  const control = (role: Role, path: string) => until(`the ${role} takes ${path}`, () => ask(role, path));

  return {
    system,
    drive: driver(system),
    pushService,
    receiver,
    async end() {
      await system.cleanUp();
      await Promise.all([pushService.close(), receiver.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
    async arm(role, point) {
      await control(role, point === undefined ? "/arm" : `/arm?point=${encodeURIComponent(point)}`);
      armed = { role, pid: role === "runtime" ? runtime.system.pid : await system.helperPid() };
    },
    counts: async (role) => (await control(role, "/passed")).counts,
    async watchesAll() {
      for (const role of ["runtime", "database"] as const) {
        let missing: readonly string[] = [];
        const none = async () => {
          missing = (await control(role, "/passed")).unwatched;
          return missing.length === 0;
        };
        await until(`all ports of the ${role} are watched`, none).catch((cause) => {
          throw new Error(`Nothing watches ${missing.join(", ")} in the ${role}`, { cause });
        });
      }
    },
    async quiet() {
      await until("it is quiet", async () => (await ask("runtime", "/passed")).idleMs > IDLE_MS);
    },
    async struck() {
      if (armed === undefined) return false;
      if (armed.role === "disk") return (await control("disk", "/passed")).diskFails;
      return armed.pid !== undefined && !isAlive(armed.pid);
    },
    async recover() {
      const role = armed?.role;
      armed = undefined;
      if (role === "runtime") await runtime.restart();
      else if (role === "database") await control("database", "/passed");
      else return outlast(system, () => control("disk", "/mend"));
      return [];
    },
    async forget() {
      await system.kill("database", () => 0);
      await control("database", "/passed");
    },
    async advance(ms) {
      ahead += ms;
      await control("runtime", `/advance?ms=${ms}`);
    },
    loseHints: (lost) => control("runtime", `/hints?lost=${lost}`),
    sweep: () => ask("runtime", "/sweep"),
  };
}
