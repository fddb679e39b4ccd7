// Known bugs, planted one at a time: which text of which file becomes which. Each pattern must occur exactly once.

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const STORE = "lib/storage/aggregate-store.ts";
const DELIVER = "lib/outbox/deliver.ts";
const ORDER = "functions/orders/order.ts";
const ORDER_PAYMENT = "functions/orders/order-payment.ts";
const PAYMENT = "functions/payments/payment.ts";
const ATTEMPTS = "functions/payments/payment-attempts.ts";
const REFUNDS = "functions/payments/payment-refunds.ts";
const RELAY = "functions/payments/payment-relay.ts";
const NOTIFICATION = "functions/notifications/notification.ts";
const WEBHOOK_RELAY = "functions/notifications/webhooks/webhook-relay.ts";
const RECIPIENTS = "functions/notifications/webhooks/recipients.ts";
const OFFER_PUSH = "functions/notifications/push/offer-push.ts";
const CHARGE = "functions/payments/providers/sandbox/charge.ts";

/** A bug of several edits has a row for each. */
const ROWS: readonly (readonly [name: string, file: string, find: string, replace: string])[] = [
  [
    "the database skips the write's condition",
    "tests/support/memory-table.ts",
    "if ((before?.version ?? 0) !== replaces) return false;",
    "if (replaces === 0 && before) return false;",
  ],
  [
    "a refused write counts as done",
    STORE,
    "if (await this.#write({ state: next.value, version: current.version + 1 }, current.version)) {",
    "if ((await this.#write({ state: next.value, version: current.version + 1 }, current.version)) || true) {",
  ],
  [
    "a refusal of an old state is not confirmed on a fresh one",
    STORE,
    'if (!fresh && ("error" in next || next.value === same)) continue;',
    "void fresh;",
  ],
  [
    "reads are answered from the state that this process read last",
    STORE,
    "return this.#advanced(id, (await this.#load(id))?.state);",
    "return this.#advanced(id, (this.#recent.get(id) ?? (await this.#load(id)))?.state);",
  ],
  [
    "an order's outbox write is dropped",
    ORDER,
    "return { ...order, outbox: enqueue(outbox,",
    'return event === "order.paid" ? order : { ...order, outbox: enqueue(outbox,',
  ],
  [
    "the order gets no event of its payment",
    PAYMENT,
    'const others = payment.outbox.filter((event) => event.payload.to !== "order");\n',
    'const others = payment.outbox.filter((event) => event.payload.to !== "order");\n  if (seq > 0) return { ...payment, seq, outbox: others };\n',
  ],
  [
    "a callback is acknowledged before it is committed",
    "functions/payments/handlers/callback.ts",
    "return recordReport(service, {",
    "return void recordReport(service, {",
  ],
  ["callbacks are deduplicated by nothing", ATTEMPTS, "if (known) return payment;", "void known;"],
  [
    "any amount pays",
    ATTEMPTS,
    "charge.amount === attempt.amount ? undefined : REFUND_CAUSE.other_amount",
    "undefined",
  ],
  [
    "any amount pays",
    ORDER_PAYMENT,
    "if (event.captured_amount !== order.total) return REFUND_CAUSE.other_amount;",
    "",
  ],
  [
    "a capture after its attempt's end, or beside another, is kept",
    ATTEMPTS,
    'if (attempt.status === "failed") return REFUND_CAUSE.attempt_failed;',
    "",
  ],
  [
    "a capture after its attempt's end, or beside another, is kept",
    ATTEMPTS,
    'if (attempt.status === "closed") return REFUND_CAUSE.attempt_closed;',
    "",
  ],
  [
    "a capture after its attempt's end, or beside another, is kept",
    ATTEMPTS,
    "if (acceptedCapture(payment)) return REFUND_CAUSE.already_paid;",
    "",
  ],
  [
    "a second transaction of one attempt is taken for the first",
    ATTEMPTS,
    "return captureAgain(",
    "return ((same: Payment, ..._: unknown[]) => same)(",
  ],
  [
    "the order gets no event of what was refunded",
    REFUNDS,
    "acceptedCapture(payment)?.no === refund.attempt ? withPaymentEvent(recorded, now) : recorded",
    "recorded",
  ],
  ["a capture that does not pay is not refunded", REFUNDS, "amount > 0\n", "amount < 0\n"],
  [
    "the order's verdict on a capture is ignored",
    RELAY,
    'if (answer.verdict === "accepted" || attempt === null) return undefined;',
    "if (attempt !== null) return undefined;",
  ],
  [
    "a refund gets a new id at each try",
    RELAY,
    "return providerOf(ports, method).refund(order);",
    "return providerOf(ports, method).refund({ ...order, id: order.id + Math.random() });",
  ],
  [
    "the provider refunds a repeated request twice",
    CHARGE,
    "if (charge.refunds.some((known) => known.id === id)) return charge;",
    "",
  ],
  [
    "the provider refunds a repeated request twice",
    CHARGE,
    "if (given + amount > capturedBy(charge, order)) return charge;",
    "void given;",
  ],
  [
    "a refund that the provider has accepted counts as done",
    REFUNDS,
    'if (answer === undefined || answer === "pending" || answer === "abnormal") {',
    "if (answer === undefined) {",
  ],
  [
    "a refund that the provider has accepted counts as done",
    REFUNDS,
    'if (answer === "done") return refunded(',
    'if (answer !== "rejected") return refunded(',
  ],
  [
    "refunds under way do not reduce what can be refunded",
    PAYMENT,
    'attempt.captured_amount - sum(payment, attempt.no, ["due", "requested", "done"]);',
    'attempt.captured_amount - sum(payment, attempt.no, ["done"]);',
  ],
  [
    "the relay removes every event, not its own",
    DELIVER,
    "done.reduce((rest, id) => delivered(rest, id), outbox),",
    "done.length > 0 ? [] : outbox,",
  ],
  ["an event that failed is removed", DELIVER, "failures.push([event.id, failure]);", "done.push(event.id);"],
  [
    "an event counts as delivered when its sending begins",
    DELIVER,
    "const followUp = await asDelivery(event, scope, (own) => send(event, own));",
    "done.push(event.id);\n        const followUp = await asDelivery(event, scope, (own) => send(event, own));",
  ],
  [
    "what is deferred counts as written",
    STORE,
    "if (!this.#deferred.has(id)) return;",
    'if (id !== "") return;',
  ],
  [
    "an event is parked while its receiver is away",
    "lib/outbox/failure.ts",
    'if (error instanceof PeerUnavailable) return { kind: "away"',
    'if (error instanceof PeerUnavailable) return { kind: "final"',
  ],
  [
    "the relay writes back the state it began with",
    DELIVER,
    "return after(recorded, followUps);",
    "return after({ ...state, outbox: withOutcomes(state.outbox) }, followUps);",
  ],
  [
    "the order applies payment events of any age",
    ORDER_PAYMENT,
    "const fresh = event.seq > (order.payment?.seq ?? 0);",
    "const fresh = true;",
  ],
  [
    "expiry ignores a live attempt",
    ORDER,
    "return Math.max(Date.parse(order.expires_at), attemptEnd);",
    "return attemptEnd < 0 ? 0 : Date.parse(order.expires_at);",
  ],
  [
    "an event of an ended attempt ends the lease of the next",
    ATTEMPTS,
    "if (payment.seq !== fencingSeq) throw new LeaseSuperseded(payment.seq);",
    "void fencingSeq;",
  ],
  [
    "the total of an order may change while it is being paid",
    ORDER,
    "if (money && paymentIsLive(order, now)) {",
    "if (money && order.lines.length > 100) {",
  ],
  [
    "two attempts may live at once",
    ATTEMPTS,
    "if (liveAttempt(payment)) throw conflict(",
    "if (payment.attempts.length > 5) throw conflict(",
  ],
  [
    "a notification's id is random",
    NOTIFICATION,
    'id: derivedId("notification", event.event_id, party.user_id),',
    'id: derivedId("notification", event.event_id, party.user_id, String(Math.random())),',
  ],
  [
    "a notification is recorded, and its push is not",
    NOTIFICATION,
    "return pushed ? enqueue",
    "return pushed && now < 0 ? enqueue",
  ],
  [
    "a push that no connection takes counts as delivered",
    OFFER_PUSH,
    "(await live.push(notification, position))) return takenLive;",
    "((await live.push(notification, position)), true)) return takenLive;",
  ],
  [
    "a push that one browser gets is not sent to the others",
    NOTIFICATION,
    "subscriptions.reduce<Outbox<Pending>>(",
    "subscriptions.slice(0, 1).reduce<Outbox<Pending>>(",
  ],
  [
    "a repeated push has another topic",
    "functions/notifications/push/push-message.ts",
    'topic: id.replaceAll("-", ""),',
    'topic: id.replaceAll("-", "").slice(4) + String(Math.random()).slice(2, 6),',
  ],
  [
    "a browser gets what is for the user who had it before",
    OFFER_PUSH,
    "if (subscription === undefined || subscription.user_id !== user_id) return undefined;",
    "if (subscription === undefined) return undefined;",
  ],
  [
    "a push that failed is not tried again",
    OFFER_PUSH,
    "const outcome = await sender.send(subscription, message, pushTerms(notification, now));",
    'const outcome = await sender.send(subscription, message, pushTerms(notification, now)).catch(() => "gone" as const);',
  ],
  [
    "a webhook is sent an order's messages all at once",
    WEBHOOK_RELAY,
    "{ ...deliveries, outbox: [next] },",
    "deliveries,",
  ],
  [
    "an order's events overtake each other on their way to a webhook",
    "functions/orders/order-relay.ts",
    'const inOrder = (): string => "parties";',
    "const inOrder = (): string => String(Math.random());",
  ],
  [
    "the times of an order, and of its payment, go back with the clock of an instance",
    "lib/core/time-after.ts",
    'iso(last === "" ? now : Math.max(now, Date.parse(last) + 1));',
    'iso(last === "" ? now : Math.max(now, 1));',
  ],
  [
    "an order does not go by the time of its payment",
    ORDER,
    "latest(updated_at, payment?.changed_at,",
    "latest(updated_at, payment?.changed_at && undefined,",
  ],
  [
    "a payment does not go by the time of its order",
    PAYMENT,
    'changed_at !== undefined && changed_at > (payment.order_changed_at ?? "")',
    'changed_at !== undefined && changed_at < (payment.order_changed_at ?? "")',
  ],
  [
    "messages for a webhook wait in the order in which they came",
    "functions/notifications/webhooks/deliveries.ts",
    "const at = later === -1 ? outbox.length : later;",
    "const at = outbox.length + 0 * later;",
  ],
  [
    "a message for a webhook goes before those that wait",
    "functions/notifications/webhooks/deliveries.ts",
    "const at = later === -1 ? outbox.length : later;",
    "const at = later === -1 ? 0 : later;",
  ],
  [
    "an event is offered to a webhook under another id each time",
    "functions/notifications/webhooks/message.ts",
    'derivedId("webhook-message", event_id)',
    'derivedId("webhook-message", event_id, String(Math.random()))',
  ],
  [
    "an event is recorded, and never offered to a webhook",
    RECIPIENTS,
    "if (webhook !== undefined && getsEvent(webhook, event.event, seller))",
    'if (webhook !== undefined && getsEvent(webhook, event.event, seller) && event.event !== "order.paid")',
  ],
  [
    "an event is acknowledged before its message for a webhook is stored",
    RECIPIENTS,
    "          await enqueueFor(webhook.id, message, scope);",
    "          void enqueueFor(webhook.id, message, scope).catch(() => {});",
  ],
  [
    "a message that a webhook refused is not sent again",
    WEBHOOK_RELAY,
    "if (isAccepted(made)) return done;",
    "if (isAccepted(made) || made.status !== null) return done;",
  ],
  [
    "a message that got no reply counts as accepted",
    WEBHOOK_RELAY,
    "if (isAccepted(made)) return done;",
    "if (isAccepted(made) || made.status === null) return done;",
  ],
  [
    "Idempotency-Key is ignored",
    "lib/core/idempotency.ts",
    "key === undefined ? v7({})",
    'key !== "" ? v7({})',
  ],
  [
    "a key used with another body is not refused",
    "lib/core/idempotency.ts",
    "if (earlier.fingerprint !== repeated.fingerprint) {",
    "if (earlier.fingerprint === undefined) {",
  ],
  [
    "what hints lose, no sweep finds",
    "functions/orders/order-store.ts",
    "earliest(nextDelivery(order.outbox), expiryOf(order))",
    "earliest(expiryOf(order))",
  ],
  [
    "others than the parties see orders",
    ORDER,
    'if (sellsAs(actor, seller_id)) return "seller";\n  throw notFound("order");',
    'void sellsAs(actor, seller_id);\n  return "seller";',
  ],
  [
    "anyone may refund",
    "functions/payments/handlers/refund-payment.ts",
    'if (hasScope(user, "refund") || partyOf(payment, user) === "seller" || debug) return;',
    'if (user.id !== "") return;',
  ],
  [
    "a callback without a good signature is believed",
    "functions/payments/providers/sandbox/signature.ts",
    "if (!secrets.some(signedWith)) {",
    "if (secrets.length === 0) {",
  ],
];

export const MUTATIONS: readonly Mutation[] = [...Map.groupBy(ROWS, ([name]) => name)].map(
  ([name, rows]) => ({
    name,
    edits: rows.map(([, file, find, replace]) => ({ file, find, replace })),
  }),
);
