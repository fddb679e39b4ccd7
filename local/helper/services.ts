// The embedded servers inside the helper: each is loaded and started when the first runtime requests it.

import { authority } from "../../lib/core/host.ts";
import type { BackendName } from "../control-room/api.ts";
import type { ControlRoom } from "../control-room/start.ts";
import type { Level, Write } from "../database/level.ts";
import type { RunningRegistry } from "../registry/server.ts";
import type { Log } from "../shared/log.ts";
import { type Difference, serviceDifferences } from "./differences.ts";
import { registryLog } from "./log.ts";
import { nacosAnswers } from "./nacos-probe.ts";
import type { Failure, Services } from "./protocol.ts";

interface Closable {
  close(): Promise<void>;
}

/** What there is for a runtime: its servers, or why it can't have them. */
export type Provided =
  | { readonly services: Services; readonly differences?: undefined }
  | { readonly differences: readonly Difference[] };

/** An embedded server did not start; `failure` is sent to the runtime. */
export class ServiceFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause: unknown) {
    super(failure.message, { cause });
    this.name = "ServiceFailure";
    this.failure = failure;
  }
}

export class ServiceSet {
  readonly #dataDir: string;
  readonly #logDir: string;
  readonly #level: Level;
  readonly #log: Log;
  readonly #onDue: (tables: readonly string[]) => void;
  #running: Services = {};
  #registryServer: RunningRegistry | undefined;
  #controlRoom: ControlRoom | undefined;
  readonly #open: Closable[] = [];
  /** Those that the control room may stop and start. */
  readonly #backends: Partial<Record<BackendName, Closable>> = {};
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param level the opened data of the database.
   * @param onDue called with the names of tables in which something is due.
   */
  constructor(
    { dataDir, logDir }: { readonly dataDir: string; readonly logDir: string },
    level: Level,
    log: Log,
    onDue: (tables: readonly string[]) => void,
  ) {
    this.#logDir = logDir;
    this.#onDue = onDue;
    this.#dataDir = dataDir;
    this.#level = level;
    this.#log = log;
  }

  /**
   * Starts the requested servers that do not run yet. One call at a time.
   * @returns all that run, without the registry if a foreign one runs at the requested address. If a server runs at another
   * address than is requested, only how they differ: nothing is started then.
   * @throws {ServiceFailure} for the first that does not start; others may have started.
   */
  provide(wanted: Services): Promise<Provided> {
    const turn = this.#turn.then(() => this.#provide(wanted));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * Stops an embedded server, or starts it again at its address, as the control room asks: a fault to be tried out. Runtimes are
   * still told its address.
   * @throws {Error} when it does not run here, {@link ServiceFailure} when it can't be started.
   */
  switchBackend(name: BackendName, on: boolean): Promise<void> {
    const turn = this.#turn.then(() => this.#switch(name, on));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** A runtime has ended: what it had in the registry is taken out, if its sidecar has not done so, is paused or died with it. */
  instanceEnded(instance: string): void {
    this.#registryServer?.instanceEnded(instance);
    this.#controlRoom?.instanceEnded(instance);
  }

  /** Whether a page of the control room is open, which needs this process for as long as a runtime may be started from it. */
  isWatched(): boolean {
    return this.#controlRoom?.isWatched() ?? false;
  }

  /** A runtime has a lease, perhaps again. `reports`: it has a control room. */
  instanceLives(instance: string, reports: boolean): void {
    this.#registryServer?.instanceLives(instance);
    if (reports) this.#controlRoom?.instanceLives(instance);
  }

  /** Ends all servers, each after its requests in progress. */
  async close(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#open.map((service) => service.close()));
    await this.#level.close();
  }

  async #provide(wanted: Services): Promise<Provided> {
    const { registry, ...others } = wanted;
    const foreign = await this.#foreignRegistry(registry);
    const needed = foreign ? others : wanted;
    const differences = serviceDifferences(this.#running, needed);
    if (differences.length > 0) return { differences };
    await this.#start(needed);
    const { registry: own, ...running } = this.#running;
    if (own === undefined || foreign) return { services: running };
    const { host, port, grpcPort = null } = own;
    return { services: { ...running, registry: { host, port, grpcPort } } };
  }

  /** Whether a registry of another process runs at the address. */
  async #foreignRegistry(wanted: Services["registry"]): Promise<boolean> {
    if (wanted === undefined || this.#running.registry?.port === wanted.port) return false;
    const { host, port } = wanted;
    if (!(await nacosAnswers(host, port))) return false;
    this.#log("info", "a registry already runs at the address; it is used", {
      registry: authority(host, port),
    });
    return true;
  }

  async #start(wanted: Services): Promise<void> {
    const { database, registry, mail, controlRoom } = this.#running;
    const outcomes = await Promise.allSettled([
      database ?? (wanted.database && this.#database(wanted.database)),
      registry ?? (wanted.registry && this.#registry(wanted.registry)),
      mail ?? (wanted.mail && this.#mail(wanted.mail)),
      controlRoom ?? (wanted.controlRoom && this.#showControlRoom(wanted.controlRoom)),
    ]);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    const caught = this.#running.mail;
    if (caught) this.#controlRoom?.mailAt(`http://${authority(caught.host, caught.pagePort)}/`);
  }

  async #switch(name: BackendName, on: boolean): Promise<void> {
    const { registry, database } = this.#running;
    if (this.#running[name] === undefined) throw new Error(`The ${name} does not run in the helper process`);
    const open = this.#backends[name];
    this.#log("warn", `the control room ${on ? "starts" : "stops"} the ${name}`);
    if (!on && open !== undefined) {
      delete this.#backends[name];
      this.#open.splice(this.#open.indexOf(open), 1);
      await open.close();
    } else if (on && open === undefined) {
      if (name === "database" && database !== undefined) await this.#database(database);
      else if (registry !== undefined) await this.#registry(registry);
    }
  }

  async #database({ host, port }: NonNullable<Services["database"]>): Promise<void> {
    const { serveDatabase } = await import("../database/server.ts");
    const options = {
      host,
      port,
      log: this.#log,
      onDue: this.#onDue,
      onWritten: (writes: readonly Write[], stored: boolean) =>
        this.#controlRoom?.changed(stored ? writes : undefined),
    };
    const started = await serveDatabase(this.#level, options).catch(
      failed({ port, purpose: "embedded database", setting: "DB_PORT in .env" }),
    );
    this.#open.push(started);
    this.#backends.database = started;
    this.#running = { ...this.#running, database: { host, port: started.port } };
  }

  async #registry({ host, port, account }: NonNullable<Services["registry"]>): Promise<void> {
    const { startRegistry } = await import("../registry/server.ts");
    const options = { host, port, dataDir: this.#dataDir, account, log: registryLog(this.#log) };
    const started = await startRegistry(options).catch(
      failed({ port, purpose: "embedded registry", setting: "NACOS_SERVER in .env" }),
    );
    this.#open.push(started);
    this.#registryServer = started;
    this.#backends.registry = started;
    const { port: own, grpcPort = null } = started;
    this.#running = {
      ...this.#running,
      registry: { host, port: own, grpcPort, ...(account && { account }) },
    };
  }

  async #mail({ host, smtpPort, pagePort }: NonNullable<Services["mail"]>): Promise<void> {
    const { MailListenError, startMailCatcher } = await import("../mail/server.ts");
    const options = { host, smtpPort, pagePort, dataDir: this.#dataDir, log: this.#log };
    const started = await startMailCatcher(options).catch((error: Error) => {
      const { port, setting } =
        error instanceof MailListenError ? error : { port: smtpPort, setting: "MAIL_SMTP_PORT" };
      return failed({ port, purpose: "mail catcher", setting: `${setting} in .env` })(error);
    });
    this.#open.push(started);
    this.#running = {
      ...this.#running,
      mail: { host, smtpPort: started.smtpPort, pagePort: started.pagePort },
    };
  }

  async #showControlRoom({ host, port, historyMb }: NonNullable<Services["controlRoom"]>): Promise<void> {
    const { startControlRoom } = await import("../control-room/start.ts");
    const options = {
      host,
      port,
      historyMb,
      dataDir: this.#dataDir,
      logDir: this.#logDir,
      log: this.#log,
      switchBackend: (name: BackendName, on: boolean) => this.switchBackend(name, on),
    };
    const started = await startControlRoom(options).catch(
      failed({ port, purpose: "control room", setting: "CONTROL_ROOM_PORT in .env" }),
    );
    this.#open.push(started);
    this.#controlRoom = started;
    const { reportToken } = started;
    this.#running = { ...this.#running, controlRoom: { host, port: started.port, historyMb, reportToken } };
  }
}

/** Turns a start's rejection into a {@link ServiceFailure}. For a port in use the runtime looks up its process. */
function failed(port: NonNullable<Failure["port"]>): (error: Error) => never {
  return (error) => {
    const code = "code" in error ? String(error.code) : "helper_start_failed";
    const { message } = error;
    throw new ServiceFailure(isPortTaken(error) ? { code, message, port } : { code, message }, error);
  };
}

function isPortTaken(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  return ("code" in error && error.code === "EADDRINUSE") || ("cause" in error && isPortTaken(error.cause));
}
