// The contract of what was sent (mail, push, webhooks), as api.ts is of the other panels: types and plain data.

import type {
  SentKind,
  SentNotification,
  SentOutcome,
  SentWebhook,
} from "../../../functions/control-room.ts";

/** GET → {@link SentPage}. Query: {@link SentQuery}. POST {@link SentRetry} → {@link SentRetried}. */
export const SENT_ROUTE = "/api/sent";
/** GET → {@link SentDetail}; 404 `not_found`. */
export const SENT_ONE_ROUTE = "/api/sent/:id";
/** GET → the HTML part of a mail, as a document that runs nothing and loads nothing; 404 `not_found`. */
export const SENT_HTML_ROUTE = "/api/sent/:id/html";

export const SENT_KINDS: readonly SentKind[] = ["mail", "live_push", "web_push", "webhook"];
export const SENT_OUTCOMES: readonly SentOutcome[] = ["accepted", "failed", "gone"];

export interface SentQuery {
  readonly kind?: string;
  /** Whom it was for; of a webhook its owner. */
  readonly user?: string;
  readonly order?: string;
  readonly outcome?: string;
  /** 100; at most 500. */
  readonly limit?: string;
  readonly cursor?: string;
}

/** One attempt to send something. */
export interface SentView {
  /** Grows with time of arrival; unique in this history. */
  readonly id: number;
  readonly at: number;
  readonly kind: SentKind;
  readonly outcome: SentOutcome;
  /** null: a webhook for all orders, or a user whose id is an address. */
  readonly user: string | null;
  readonly order_id: string | null;
  /** Host that took it. */
  readonly to: string | null;
  /** HTTP status of a webhook's reply. */
  readonly status: number | null;
  /** The code of a failure. */
  readonly error: string | null;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly duration_ms: number;
  readonly trace_id: string;
}

export interface SentPage {
  /** Newest first. */
  readonly items: readonly SentView[];
  readonly next_cursor: string | null;
}

export interface SentDetail {
  readonly sent: SentView;
  /** Bytes of what was sent, where they are known. */
  readonly bytes: number | null;
  /** Of mails and pushes; null where it is not stored any more. */
  readonly notification: SentNotification | null;
  /** Of mails; null where the mail catcher does not have it. */
  readonly mail: CaughtMail | null;
  /** Of webhooks; null where its log does not have it any more. */
  readonly webhook: SentWebhook | null;
  /** Whether a retry would send something. */
  readonly may_retry: boolean;
}

export interface CaughtMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly has_html: boolean;
  /** Times that the mail catcher has got it. */
  readonly copies: number;
}

/** Sends it again: a webhook's message, or what is parked of a notification. */
export interface SentRetry {
  readonly id: number;
}

export interface SentRetried {
  /** Number of deliveries that are due now. */
  readonly retried: number;
}
