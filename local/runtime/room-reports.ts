// This runtime's part of the control room: it records from its first request on, and reports when its start is over, so that the start pays
// neither for the reports nor for the control room's thread, which the first of them starts. Loaded only where there is one.

import type { ServiceDefinition } from "../../functions/services.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import { setSpanRecorder } from "../../lib/observability/span.ts";
import { spanReceiver } from "../../lib/observability/tracing.ts";
import { setTraffic } from "../../lib/observability/traffic.ts";
import { shortTableName } from "../../lib/storage/table-definition.ts";
import { Recording } from "../control-room/recording.ts";
import type { Reporter } from "../control-room/reporter.ts";
import type { Log } from "../shared/log.ts";
import type { ReportedRuntime } from "./control-reports.ts";

/** From the end of the start until the first report: whoever has waited for the start uses the machine now. */
const FIRST_AFTER_MS = 1_000;

export class RoomReports {
  readonly #log: Log;
  readonly #recording: Recording;
  #runtime: ReportedRuntime | undefined;
  #reporter: Reporter | undefined;
  #first: NodeJS.Timeout | undefined;
  #isReady = false;

  /** Records from now on; no traces, where the settings name another receiver of them. */
  constructor(log: Log, services: readonly ServiceDefinition[]) {
    this.#log = log;
    this.#recording = new Recording(ownersOf(services));
    setTraffic(this.#recording);
    if (spanReceiver() === undefined) setSpanRecorder(this.#recording);
  }

  /** Takes a line of a log. */
  line(line: string): void {
    this.#recording.line(line);
  }

  /** The helper process is there. Beside another runtime the control room's thread is as well, and shows that this one starts. */
  async connect(runtime: ReportedRuntime): Promise<void> {
    this.#runtime = runtime;
    const { controlRoom, started } = runtime.embedded;
    // Pages of the API link to the traces of the control room.
    if (controlRoom && (spanReceiver() ?? controlRoom.url) === controlRoom.url)
      process.env["CFMP_CONTROL_ROOM"] = controlRoom.url;
    if (!started) await this.#report();
  }

  /** The start is over. */
  ready(): void {
    this.#isReady = true;
    if (this.#reporter === undefined) this.#first = setTimeout(() => this.#report(), FIRST_AFTER_MS).unref();
    else void this.#reporter.send();
  }

  /** Whoever watches is told that this runtime ends. */
  drain(): void {
    clearTimeout(this.#first);
    void this.#reporter?.send();
  }

  /** Sends what is left, for a second at most. */
  async stop(): Promise<void> {
    await this.#reporter?.stop();
  }

  async #report(): Promise<void> {
    if (this.#runtime === undefined) return;
    try {
      const { reportRuntime } = await import("./control-reports.ts");
      this.#reporter ??= reportRuntime(this.#recording, this.#runtime, () => this.#isReady);
    } catch (error) {
      this.#log("error", "nothing is reported to the control room", { error: messageOf(error) });
    }
  }
}

/** Whose table it is, by its whole name. */
function ownersOf(services: readonly ServiceDefinition[]): (table: string) => string {
  const owners = new Map(
    services.flatMap(({ contract, tables }) => tables.map(({ name }) => [name, contract.service] as const)),
  );
  return (table) => owners.get(shortTableName(table)) ?? "unknown_service";
}
