// Sends the messages that are due to webhooks: of each order one after another, to each webhook a few at once, and to one that does
// not answer only now and then.

import { iso } from "../../../lib/core/iso.ts";
import type { Retry } from "../../../lib/core/retry.ts";
import type { Scope } from "../../../lib/core/scope.ts";
import { deliverOutbox } from "../../../lib/outbox/deliver.ts";
import { DeliveryFailure } from "../../../lib/outbox/failure.ts";
import { createRelay, type Relay } from "../../../lib/outbox/relay.ts";
import type { Step } from "../../../lib/storage/deferred-steps.ts";
import { held, Lines } from "../lines.ts";
import { forPeers } from "../peer-contract.ts";
import { webhookRelay } from "../relays.ts";
import { MESSAGES_AT_ONCE } from "./at-once.ts";
import { type AttemptPorts, attempt, isAccepted, isGone, RECEIVER_MS } from "./attempt.ts";
import { type Deliveries, type DeliveriesStore, messageDone, nextOf } from "./deliveries.ts";
import type { Message } from "./message.ts";
import { admission, type Webhook } from "./webhook.ts";

/** The pauses grow from 5 s to 6 h; after three days a message is given up. */
const UNTRIED: Retry = { first: 5_000, growth: 3, longest: 6 * 3_600_000 };
const WEBHOOK_RETRY: Retry = { ...UNTRIED, maxAge: 72 * 3_600_000 };

/** One that has waited behind others for so long is tried all the same. */
const planOf = ({ attempts }: { readonly attempts: number }): Retry =>
  attempts === 0 ? UNTRIED : WEBHOOK_RETRY;

/** With less time than this, in milliseconds, no attempt begins, since each receiver has as long as is promised: the next sweep makes it. */
const LEAST_MS = RECEIVER_MS;
/** Milliseconds for which a probe keeps others from probing. */
const PROBE_MS = 10_000;
/** A sweep goes on to its next page after so long, in milliseconds: most receivers answer in less, and none keeps others waiting. */
const PATIENCE_MS = 500;

const LINES = {
  atOnce: MESSAGES_AT_ONCE,
  waiting: 200,
  turnMs: 2_000,
  why: "many messages are on their way to this webhook",
};

/** The relay of webhooks. After a crash a message may be sent twice, with the same id. */
export function createWebhookRelay(store: DeliveriesStore, ports: AttemptPorts): Relay {
  const lines = new Lines(LINES);
  return createRelay<Deliveries>({
    name: webhookRelay.name,
    service: forPeers.service,
    store,
    now: ports.now,
    patienceMs: PATIENCE_MS,
    async perform(deliveries, now, scope) {
      const next = nextOf(deliveries);
      if (next === undefined || leftOf(scope) < LEAST_MS) return undefined;
      // One at a time: what follows is sent when it is recorded that this one was accepted.
      return deliverOutbox(
        { ...deliveries, outbox: [next] },
        now,
        scope,
        ({ payload }, own) =>
          lines.take(deliveries.webhook_id, () => deliver(ports, deliveries, payload, own)),
        planOf,
      );
    },
  });
}

const leftOf = ({ deadline }: Scope): number => deadline - performance.now();

/** Sends one message. @throws {DeliveryFailure} when it was not accepted, or has to wait. */
async function deliver(
  ports: AttemptPorts,
  { webhook_id }: Deliveries,
  message: Message,
  scope: Scope,
): Promise<Step<Deliveries>> {
  const done = messageDone(message.id, ports.now());
  const webhook = await ports.webhooks.records.read(webhook_id);
  if (webhook === undefined) return done;
  if (webhook.disabled !== undefined) throw new DeliveryFailure("final", "the webhook is switched off");
  const admitted = await admit(ports, webhook);
  const left = leftOf(scope);
  if (left < LEAST_MS) throw held("there is no time left for an attempt", LEAST_MS);
  const made = await attempt(ports, admitted, message, Math.min(RECEIVER_MS, left), scope);
  if (isAccepted(made)) return done;
  const text = made.status === null ? `no reply: ${made.reason}` : `it answered ${made.status}`;
  // Whatever it answers, it may be mended within the three days.
  throw new DeliveryFailure(isGone(made) ? "final" : "away", `the webhook failed: ${text}`, made.retryAfter);
}

/**
 * The webhook, if the circuit lets this attempt through. While it is open nothing is sent; after that one message alone goes, from
 * whichever process, until it has its reply. @throws {DeliveryFailure} held.
 */
async function admit({ webhooks, now }: AttemptPorts, webhook: Webhook): Promise<Webhook> {
  const admitted = admission(webhook, now());
  if (admitted === "yes") return webhook;
  const why = "the webhook has failed several times";
  if (admitted !== "probe") throw held(why, admitted.waitMs);
  const probing = { failures: webhook.failures, open_until: iso(now() + PROBE_MS) };
  if (!(await webhooks.records.writeCircuit(webhook, probing))) throw held(why, PROBE_MS);
  return { ...webhook, ...probing };
}
