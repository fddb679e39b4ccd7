// What services show of themselves in the control room. Types alone, no import: its page shares them.

// Mails, pushes and messages to webhooks, of NotificationService.

/** `live_push`: to a connection of the user's; `web_push`: to a browser's push service. */
export type SentKind = "mail" | "live_push" | "web_push" | "webhook";

/** `accepted` by its receiver; `gone`: the receiver does not exist any more. */
export type SentOutcome = "accepted" | "failed" | "gone";

/** A notification, and what its channels say. Times are RFC 3339. */
export interface SentNotification {
  readonly notification_id: string;
  readonly user_id: string;
  readonly event: string;
  readonly type: string;
  readonly created_at: string;
  readonly read: boolean;
  /** Status by channel, of those that are done. */
  readonly channels: Readonly<Record<string, string>>;
  /** What is not delivered yet. */
  readonly waiting: readonly Waiting[];
}

/** A delivery that is still to be made. */
export interface Waiting {
  /** `email`, `push`, `web_push`; of a webhook the type of the message. */
  readonly what: string;
  /** `parked`: it is not tried again unless somebody says so. */
  readonly state: "waiting" | "parked";
  readonly attempts: number;
  readonly next_at: string;
  readonly error: string | null;
}

/** A message, the webhook it goes to, and the attempts to deliver it. */
export interface SentWebhook {
  readonly webhook_id: string;
  /** The seller whose orders it is told of; null: all orders. */
  readonly owner: string | null;
  readonly url: string;
  /** False: switched off by its owner, or because it answered 410. */
  readonly enabled: boolean;
  readonly failures_in_a_row: number;
  readonly paused_until: string | null;
  readonly message_id: string;
  readonly type: string;
  /** What is sent. */
  readonly body: string;
  /** Whether it can be sent again. */
  readonly may_retry: boolean;
  /** null: it is accepted, or was a test. */
  readonly waiting: Waiting | null;
  /** The latest first, as far as the log keeps them. */
  readonly attempts: readonly WebhookAttemptSeen[];
}

export interface WebhookAttemptSeen {
  readonly at: string;
  readonly duration_ms: number;
  readonly accepted: boolean;
  /** Of the reply; null when there was none, for this `reason`. */
  readonly status: number | null;
  readonly reason: string | null;
  /** Its first 1,024 bytes. */
  readonly reply: string;
}

// The sandbox provider's terminal, of PaymentService.

/** An attempt to pay by the sandbox; amounts as `"299.99"`, times as RFC 3339. */
export interface SandboxAttempt {
  readonly reference: string;
  readonly payment_id: string;
  readonly order_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly created_at: string;
  /** As PaymentService shows it. */
  readonly payment_status: string;
  readonly attempt_status: string;
  /** `open`, `closed`, `failed` or `captured`, as the provider knows it. */
  readonly charge: string;
  /** What the provider has captured. */
  readonly captured: string | null;
  /** Callbacks that PaymentService has not accepted yet. */
  readonly callbacks: readonly {
    readonly state: "waiting" | "held" | "parked";
    readonly at: string;
    readonly error: string | null;
  }[];
}
