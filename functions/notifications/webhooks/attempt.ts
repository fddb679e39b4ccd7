// One attempt to deliver a message: sent, written to the log, counted by the circuit.

import { iso } from "../../../lib/core/iso.ts";
import type { Scope } from "../../../lib/core/scope.ts";
import type { NotificationPorts } from "../ports.ts";
import { webhookGoesOut, wentOut } from "../sent-span.ts";
import type { AttemptView } from "./contract.ts";
import type { Attempt } from "./delivery-log.ts";
import type { Message } from "./message.ts";
import { afterFailure, secretsOf, type Webhook } from "./webhook.ts";
import type { Answer } from "./webhook-ports.ts";

export type AttemptPorts = Pick<NotificationPorts, "webhooks" | "now">;

/** Milliseconds that a receiver may take; less than a relay has for all it does. */
export const RECEIVER_MS = 6_000;

/** A receiver that answers this is told nothing any more (Standard Webhooks). */
const GONE = 410;

export const isAccepted = ({ status }: Pick<Answer, "status">): boolean =>
  status !== null && status >= 200 && status < 300;

export const isGone = ({ status }: Pick<Answer, "status">): boolean => status === GONE;

/** Sends `message` to `webhook` in `timeoutMs` at the most. A webhook that is gone is switched off. */
export async function attempt(
  { webhooks, now }: AttemptPorts,
  webhook: Webhook,
  message: Message,
  timeoutMs: number,
  { log }: Pick<Scope, "log">,
): Promise<Attempt & Pick<Answer, "retryAfter">> {
  const begun = now();
  const to = { id: webhook.id, url: webhook.url, secrets: secretsOf(webhook, begun) };
  webhookGoesOut(webhook, message);
  const answer = await webhooks.sender.send(to, message, timeoutMs);
  wentOut(isAccepted(answer) ? "accepted" : isGone(answer) ? "gone" : "failed", answer.status ?? undefined);
  const { retryAfter, ...what } = answer;
  const made: Attempt = { message, at: iso(begun), ...what };
  const [logged] = await Promise.allSettled([
    webhooks.log.add(webhook.id, made),
    recordOutcome({ webhooks, now }, webhook, answer),
  ]);
  // What is not in the log was sent all the same.
  if (logged.status === "rejected")
    log.warn({ err: logged.reason }, "an attempt is missing in the log of a webhook");
  return { ...made, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

async function recordOutcome(
  { webhooks, now }: AttemptPorts,
  webhook: Webhook,
  answer: Answer,
): Promise<void> {
  const { records } = webhooks;
  if (isGone(answer)) await records.disable(webhook, iso(now()));
  else if (!isAccepted(answer))
    await records.writeCircuit(webhook, afterFailure(webhook.failures, now(), pauseOf(answer)));
  else if (webhook.failures > 0) await records.writeCircuit(webhook, { failures: 0 });
}

/** Milliseconds for which the receiver asks to be left alone: what these statuses say is not about the message (RFC 9110, 10.2.3; RFC 6585, 4). */
const pauseOf = ({ status, retryAfter = 0 }: Answer): number =>
  status === 429 || status === 503 ? retryAfter : 0;

/** As its owner sees it. */
export const attemptToView = ({ message, at, duration_ms, status, reason, reply }: Attempt): AttemptView => ({
  message_id: message.id,
  type: message.type,
  order_id: message.order_id === "" ? null : message.order_id,
  at,
  duration_ms,
  accepted: isAccepted({ status }),
  status,
  reason,
  reply,
});
