// Sends messages as the Standard Webhooks specification has them: https://www.standardwebhooks.com

import { retryAfter } from "../../../lib/core/retry-after.ts";
import { readable } from "../../../lib/core/text.ts";
import { VERSION } from "../../../lib/core/version.ts";
import { type Outgoing, OutgoingFailure } from "../../../lib/http/outgoing.ts";
import { asSpan } from "../../../lib/observability/span.ts";
import { bodyOf } from "./message.ts";
import type { Answer, WebhookSender } from "./webhook-ports.ts";

/** Bytes of a reply that are kept. */
const REPLY_BYTES = 1_024;
/** Longest pause that a receiver can ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 3_600_000;

/** A sender by HTTP; `now` is the time of day, which receivers compare with theirs. Loads the signing with the first message. */
export function webhookSender(outgoing: Outgoing, now: () => number): WebhookSender {
  return {
    async send({ id, url, secrets }, message, timeoutMs) {
      const { Webhook } = await import("standardwebhooks");
      const body = bodyOf(message);
      const at = new Date(now());
      const target = new URL(url);
      const headers = {
        "content-type": "application/json",
        "user-agent": `CFMP-Order/${VERSION}`,
        "webhook-id": message.id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
        "webhook-signature": secrets
          .map((secret) => new Webhook(secret).sign(message.id, at, body))
          .join(" "),
      };
      const begun = performance.now();
      const exchange = {
        url: target,
        line: id,
        method: "POST",
        headers,
        body,
        timeoutMs,
        replyBytes: REPLY_BYTES,
      } as const;
      const answer = await asWebhook(target, () => answerTo(outgoing(exchange), now));
      return { ...answer, duration_ms: Math.round(performance.now() - begun) };
    },
  };
}

async function answerTo(
  exchange: ReturnType<Outgoing>,
  now: () => number,
): Promise<Omit<Answer, "duration_ms">> {
  try {
    const { status, headers, body } = await exchange;
    const pause = retryAfter(headers["retry-after"], now(), LONGEST_PAUSE_MS);
    return {
      status,
      reason: null,
      reply: readable(body.toString()),
      ...(pause === undefined ? {} : { retryAfter: pause }),
    };
  } catch (error) {
    if (!(error instanceof OutgoingFailure)) throw error;
    return { status: null, reason: error.reason, reply: "" };
  }
}

/** A span with the receiver's name; the rest of the URL may be a secret. */
const asWebhook = <T>({ hostname }: URL, exchange: () => Promise<T>): Promise<T> =>
  asSpan(
    () => ({
      name: "send webhook",
      kind: "client",
      attributes: {
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "server.address": hostname,
      },
    }),
    exchange,
  );
