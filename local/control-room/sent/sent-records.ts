// What the history holds of mails, pushes and messages to webhooks: one row for each attempt, read off its span.

import type { SentKind, SentOutcome } from "../../../functions/control-room.ts";
import type { History } from "../history.ts";
import { numberOf, numberOrNull, textOrNull } from "../history-rows.ts";
import type { Span } from "../spans.ts";
import { anyText, conditions, type Filters, numeric, oneOf, whereOf, whole } from "../sql-filter.ts";
import { SENT_KINDS, SENT_OUTCOMES, type SentPage, type SentQuery, type SentView } from "./contract.ts";

/** What is looked up when it is opened. */
export interface SentKeys {
  readonly notification: string | null;
  readonly webhook: string | null;
  /** Of a message to a webhook. */
  readonly message: string | null;
  readonly bytes: number | null;
}

type Row = Readonly<Record<string, unknown>>;

export class SentRecords {
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  /** Keeps what was sent by these spans, and returns it. @throws when it can't be kept. */
  takeSpans(spans: readonly Span[]): readonly SentView[] {
    const sent = spans.filter(({ attributes }) => attributes["cfmp.sent.kind"] !== undefined);
    if (sent.length === 0) return [];
    return this.#history.write(sent.length, () => sent.flatMap((span) => this.#take(span) ?? []));
  }

  /** Newest first. */
  find(query: Filters<SentQuery>): SentPage {
    const limit = whole("limit", query.limit, 100, 500);
    const { where, values } = conditions([
      ["id < ?", numeric("cursor", query.cursor)],
      ["kind = ?", anyText(oneOf("kind", query.kind, SENT_KINDS))],
      ["user = ?", anyText(query.user)],
      ["order_id = ?", anyText(query.order)],
      ["outcome = ?", anyText(oneOf("outcome", query.outcome, SENT_OUTCOMES))],
    ]);
    const items = this.#history
      .statement(`SELECT * FROM sent ${whereOf(where)} ORDER BY id DESC LIMIT ${limit}`)
      .all(...values)
      .map(viewOf);
    const last = items.length === limit ? items.at(-1)?.id : undefined;
    return { items, next_cursor: last === undefined ? null : String(last) };
  }

  read(id: number): { readonly view: SentView; readonly keys: SentKeys } | undefined {
    const row = this.#history.statement("SELECT * FROM sent WHERE id = ?").get(id);
    if (row === undefined) return undefined;
    const { notification, webhook, message, bytes } = row;
    const keys = {
      notification: textOrNull(notification),
      webhook: textOrNull(webhook),
      message: textOrNull(message),
      bytes: numberOrNull(bytes),
    };
    return { view: viewOf(row), keys };
  }

  #take({ attributes, started_at, duration_ms, failed, trace_id }: Span): SentView | undefined {
    const kind = SENT_KINDS.find((one) => one === attributes["cfmp.sent.kind"]);
    if (kind === undefined) return undefined;
    const said = SENT_OUTCOMES.find((one) => one === attributes["cfmp.sent.outcome"]);
    const view: SentView = {
      id: this.#history.nextId(),
      at: started_at,
      kind,
      outcome: said ?? (failed ? "failed" : "accepted"),
      user: boundedText(attributes["user.id"]),
      order_id: boundedText(attributes["cfmp.order.id"]),
      to: boundedText(attributes["server.address"]),
      status: wholeOrNull(attributes["cfmp.sent.status"]),
      error: boundedText(attributes["error.type"]),
      attempt: wholeOrNull(attributes["cfmp.delivery.attempt"]) ?? 1,
      duration_ms,
      trace_id,
    };
    this.#history
      .statement("INSERT INTO sent VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(
        ...[view.id, view.at, view.kind, view.outcome, view.user, view.order_id, view.to, view.status],
        ...[view.error, view.attempt, view.duration_ms, view.trace_id],
        boundedText(attributes["cfmp.notification.id"]),
        boundedText(attributes["cfmp.webhook.id"]),
        boundedText(attributes["cfmp.sent.message.id"]),
        wholeOrNull(attributes["messaging.message.body.size"]),
      );
    return view;
  }
}

const MOST_CHARACTERS = 300;

/** Of an attribute, which others may have set. */
const boundedText = (value: unknown): string | null => textOrNull(value)?.slice(0, MOST_CHARACTERS) ?? null;

/** Others can't be stored, and the rest of their batch would not be either. */
const wholeOrNull = (value: unknown): number | null => (Number.isSafeInteger(value) ? numberOf(value) : null);

const viewOf = (row: Row): SentView => ({
  id: numberOf(row["id"]),
  at: numberOf(row["at"]),
  kind: String(row["kind"]) as SentKind,
  outcome: String(row["outcome"]) as SentOutcome,
  user: textOrNull(row["user"]),
  order_id: textOrNull(row["order_id"]),
  to: textOrNull(row["host"]),
  status: numberOrNull(row["status"]),
  error: textOrNull(row["error"]),
  attempt: numberOf(row["attempt"]),
  duration_ms: numberOf(row["duration_ms"]),
  trace_id: String(row["trace_id"]),
});
