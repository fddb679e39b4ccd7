// What was received, kept in SQLite: in a file that survives restarts, or in memory where it can't be used. Both have a budget;
// the oldest goes first. Ids of rows are times of arrival, so that no index is needed to find the oldest.

import { renameSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf } from "../../lib/core/failure-text.ts";
import type { History as View } from "./api.ts";
import { isUnreadable, openHistory, PAGE_BYTES, WAL_BYTES } from "./history-database.ts";
import { firstIdAt, LEVELS, numberOf, timeOfId } from "./history-rows.ts";
import { isRecord, type Point, type ReceivedLine, type Span } from "./spans.ts";
import { tracePartsOf } from "./trace-parts.ts";
import { TRACE_UPSERT } from "./trace-upsert.ts";

export interface Budget {
  readonly bytes: number;
  readonly ms: number;
}

/** Where no file can be written. */
const MEMORY_BYTES = 16 * 1024 * 1024;
const MEMORY = ":memory:";
/** Share of the kept time that goes when there is no room. */
const STEP = 0.1;
/** Bytes after which the room is looked at again, about. */
const LOOK_AFTER_ROWS = 2_000;

const TABLES = [
  "spans",
  "logs",
  "traces",
  "subjects",
  "points",
  "orders",
  "notices",
  "acknowledged",
  "writes",
  "sent",
] as const;

const setAside = (path: string): void => renameSync(path, `${path}.damaged`);

export class History {
  readonly db: DatabaseSync;
  readonly kept: View["kept"];
  readonly reason: string | null;
  readonly #path: string;
  readonly #budget: Budget;
  readonly #room: number;
  readonly #clock: () => number;
  readonly #statements = new Map<string, StatementSync>();
  #lastId = 0;
  #sinceLook = 0;
  readonly #insert: Readonly<Record<"span" | "log" | "trace" | "subject" | "point", StatementSync>>;

  private constructor(
    db: DatabaseSync,
    path: string,
    kept: View["kept"],
    reason: string | null,
    budget: Budget,
    clock: () => number,
  ) {
    this.db = db;
    this.#path = path;
    this.kept = kept;
    this.reason = reason;
    this.#budget = budget;
    this.#room = budget.bytes - (kept === "disk" ? 2 * WAL_BYTES : 0);
    this.#clock = clock;
    const page = `PRAGMA max_page_count = ${Math.floor((this.#room + WAL_BYTES) / PAGE_BYTES)}`;
    db.exec(page);
    // The clock may have been set back since.
    this.#lastId = Math.max(
      0,
      ...TABLES.map((table) => numberOf(this.#get(`SELECT max(id) AS id FROM ${table}`)?.["id"])),
    );
    this.#insert = {
      span: db.prepare("INSERT INTO spans VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"),
      log: db.prepare("INSERT INTO logs VALUES (?,?,?,?,?,?,?,?,?)"),
      trace: db.prepare(TRACE_UPSERT),
      subject: db.prepare("INSERT OR IGNORE INTO subjects VALUES (?,?,?)"),
      point: db.prepare("INSERT INTO points VALUES (?,?,?,?,?)"),
    };
  }

  /**
   * Opens `path`; a file that can't be read is set aside, one that can't be written is replaced by memory.
   * @throws where this Node.js was built without SQLite.
   */
  static async open(path: string, budget: Budget, clock: () => number = Date.now): Promise<History> {
    const sqlite = await import("node:sqlite");
    const opened = (file: string) => openHistory(sqlite, file);
    try {
      try {
        return new History(opened(path), path, "disk", null, budget, clock);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        setAside(path);
        return new History(opened(path), path, "disk", null, budget, clock);
      }
    } catch (error) {
      const reason = `${path} can't be used: ${messageOf(error)}`;
      const bytes = Math.min(budget.bytes, MEMORY_BYTES);
      return new History(opened(MEMORY), MEMORY, "memory", reason, { ...budget, bytes }, clock);
    }
  }

  /** @throws when they can't be written: then none of them is. */
  addSpans(spans: readonly Span[]): void {
    this.write(spans.length, () => {
      for (const span of spans)
        this.#insert.span.run(
          this.nextId(),
          span.trace_id,
          span.span_id,
          span.parent_span_id,
          span.service,
          span.instance,
          span.name,
          span.kind,
          span.started_at,
          span.duration_ms,
          span.failed ? 1 : 0,
          JSON.stringify(span.attributes),
        );
      // A batch has many spans of a trace: its row is written once.
      for (const part of tracePartsOf(spans)) {
        this.#insert.trace.run(
          this.#lastId,
          part.trace_id,
          part.started_at,
          part.ended_at,
          part.top.service,
          part.top.name,
          part.top.parent_span_id === null ? 1 : 0,
          `\n${[...part.services].join("\n")}\n`,
          part.spans,
          part.errors,
        );
        for (const subject of part.subjects) this.#insert.subject.run(this.nextId(), subject, part.trace_id);
      }
    });
  }

  /** Returns the ids of the lines. @throws when they can't be written. */
  addLogs(lines: readonly ReceivedLine[]): readonly number[] {
    return this.write(lines.length, () =>
      lines.map((line) => {
        const id = this.nextId();
        const { at, service, instance, level, message, trace_id, span_id, fields } = line;
        this.#insert.log.run(
          id,
          at,
          service,
          instance,
          LEVELS.indexOf(level),
          message,
          trace_id,
          span_id,
          JSON.stringify(fields),
        );
        return id;
      }),
    );
  }

  /** @throws when they can't be written. */
  addPoints(points: readonly Point[]): void {
    this.write(points.length, () => {
      for (const { at, name, labels, value } of points)
        this.#insert.point.run(this.nextId(), at, name, JSON.stringify(labels), value);
    });
  }

  /** Removes what is older than the budget's time, and the oldest of the rest until it fits. */
  prune(): void {
    this.#removeBefore(this.#clock() - this.#budget.ms);
    for (let step = 0; step < 100 && this.bytes() > this.#room; step += 1) {
      // By the clock, unless it was set back.
      const newest = Math.max(this.#clock(), timeOfId(this.#lastId));
      const oldest = this.#oldest() ?? newest;
      this.#removeBefore(Math.max(oldest + 1, oldest + (newest - oldest) * STEP));
    }
    this.#sinceLook = 0;
  }

  /** Bytes in use, of pages that hold something. */
  bytes(): number {
    return (this.#pragma("page_count") - this.#pragma("freelist_count")) * PAGE_BYTES;
  }

  view(dropped: Readonly<Record<string, number>>): Omit<View, "not_recorded"> {
    const count = (table: "spans" | "logs"): number =>
      numberOf(this.#get(`SELECT count(*) AS n FROM ${table}`)?.["n"]);
    return {
      kept: this.kept,
      reason: this.reason,
      bytes: this.bytes(),
      budget_bytes: this.#budget.bytes,
      budget_ms: this.#budget.ms,
      oldest_at: this.#oldest() ?? null,
      spans: count("spans"),
      logs: count("logs"),
      dropped,
    };
  }

  close(): void {
    this.db.close();
  }

  /** Closes a file that has turned out to be damaged, so that the next one begins anew. @throws the system's error when it can't be set aside. */
  closeDamaged(): void {
    this.close();
    if (this.#path !== MEMORY) setAside(this.#path);
  }

  /** The prepared `sql`: it must be one of a few texts. */
  statement(sql: string): StatementSync {
    let known = this.#statements.get(sql);
    if (known === undefined) {
      known = this.db.prepare(sql);
      this.#statements.set(sql, known);
    }
    return known;
  }

  /** `work`, which adds about `rows` rows, as one transaction, or as a part of the one that it is in. @throws when it can't be written: then none of it is. */
  write<T>(rows: number, work: () => T): T {
    this.#sinceLook += rows;
    if (this.db.isTransaction) return work();
    if (this.#sinceLook >= LOOK_AFTER_ROWS) this.prune();
    this.db.exec("BEGIN");
    try {
      const result = work();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite has ended the transaction already when the disk or the budget is full.
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      this.#sinceLook = LOOK_AFTER_ROWS;
      throw error;
    }
  }

  /** An id for a row that is added now. */
  nextId(): number {
    this.#lastId = Math.max(this.#lastId + 1, firstIdAt(this.#clock()));
    return this.#lastId;
  }

  /** A time before which all rows were added, and after which all others are: by the clock, unless that was set back. */
  mark(): number {
    const time = Math.max(Math.floor(this.#clock()), timeOfId(this.#lastId) + 1);
    this.#lastId = firstIdAt(time) - 1;
    return time;
  }

  #removeBefore(time: number): void {
    const before = firstIdAt(time);
    for (const table of TABLES) this.db.prepare(`DELETE FROM ${table} WHERE id < ?`).run(before);
  }

  #oldest(): number | undefined {
    const ids = (["spans", "logs", "points", "writes"] as const).flatMap((table) => {
      const id = this.#get(`SELECT min(id) AS id FROM ${table}`)?.["id"];
      return typeof id === "number" ? [id] : [];
    });
    return ids.length === 0 ? undefined : timeOfId(Math.min(...ids));
  }

  #pragma(name: "page_count" | "freelist_count"): number {
    return numberOf(this.#get(`PRAGMA ${name}`)?.[name]);
  }

  #get(sql: string): Readonly<Record<string, unknown>> | undefined {
    const row: unknown = this.db.prepare(sql).get();
    return isRecord(row) ? row : undefined;
  }
}
