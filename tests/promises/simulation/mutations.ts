// Known bugs, planted one at a time: which text of which file becomes which. Each pattern must occur exactly once.

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });

const STORE = "lib/storage/aggregate-store.ts";
const DELIVER = "lib/outbox/deliver.ts";
const ORDER = "functions/orders/order.ts";
const ORDER_PAYMENT = "functions/orders/order-payment.ts";
const PAYMENT = "functions/payments/payment.ts";
const ATTEMPTS = "functions/payments/payment-attempts.ts";
const REFUNDS = "functions/payments/payment-refunds.ts";
const RELAY = "functions/payments/payment-relay.ts";
const CHARGE = "functions/payments/providers/sandbox/charge.ts";

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "the database skips the write's condition",
    edits: [
      edit(
        "tests/support/memory-table.ts",
        "if ((before?.version ?? 0) !== replaces) return false;",
        "if (replaces === 0 && before) return false;",
      ),
    ],
  },
  {
    name: "a refused write counts as done",
    edits: [
      edit(
        STORE,
        "if (await this.#write({ state: next.value, version: current.version + 1 }, current.version)) {",
        "if ((await this.#write({ state: next.value, version: current.version + 1 }, current.version)) || true) {",
      ),
    ],
  },
  {
    name: "a refusal of an old state is not confirmed on a fresh one",
    edits: [
      edit(
        STORE,
        'if (!fresh && ("error" in next || next.value === current.state)) continue;',
        "void fresh;",
      ),
    ],
  },
  {
    name: "reads are answered from what this process saw last",
    edits: [
      edit(
        STORE,
        "return (await this.#load(id))?.state;",
        "return (this.#recent.get(id) ?? (await this.#load(id)))?.state;",
      ),
    ],
  },
  {
    name: "an order's outbox write is dropped",
    edits: [
      edit(
        ORDER,
        "return { ...order, outbox: enqueue(order.outbox,",
        'return event === "order.paid" ? order : { ...order, outbox: enqueue(order.outbox,',
      ),
    ],
  },
  {
    name: "the order gets no event of its payment",
    edits: [
      edit(
        PAYMENT,
        'const others = payment.outbox.filter((event) => event.payload.to !== "order");\n',
        'const others = payment.outbox.filter((event) => event.payload.to !== "order");\n  if (seq > 0) return { ...payment, seq, outbox: others };\n',
      ),
    ],
  },
  {
    name: "a callback is acknowledged before it is committed",
    edits: [
      edit(
        "functions/payments/handlers/callback.ts",
        "return recordReport(service, {",
        "return void recordReport(service, {",
      ),
    ],
  },
  {
    name: "callbacks are deduplicated by nothing",
    edits: [edit(ATTEMPTS, "if (known) return payment;", "void known;")],
  },
  {
    name: "any amount pays",
    edits: [
      edit(ATTEMPTS, "charge.amount === attempt.amount ? undefined : REFUND_CAUSE.other_amount", "undefined"),
      edit(ORDER_PAYMENT, "if (event.captured_amount !== order.total) return REFUND_CAUSE.other_amount;", ""),
    ],
  },
  {
    name: "a capture after its attempt's end, or beside another, is kept",
    edits: [
      edit(ATTEMPTS, 'if (attempt.status === "failed") return REFUND_CAUSE.attempt_failed;', ""),
      edit(ATTEMPTS, 'if (attempt.status === "closed") return REFUND_CAUSE.attempt_closed;', ""),
      edit(ATTEMPTS, "if (acceptedCapture(payment)) return REFUND_CAUSE.already_paid;", ""),
    ],
  },
  {
    name: "a second transaction of one attempt is taken for the first",
    edits: [edit(ATTEMPTS, "return captureAgain(", "return ((same: Payment, ..._: unknown[]) => same)(")],
  },
  {
    name: "the order gets no event of what was given back",
    edits: [
      edit(
        REFUNDS,
        "acceptedCapture(payment)?.no === refund.attempt ? withOrderEvent(recorded, now) : recorded",
        "recorded",
      ),
    ],
  },
  {
    name: "a capture that does not pay is not given back",
    edits: [edit(REFUNDS, "amount > 0\n", "amount < 0\n")],
  },
  {
    name: "the order's verdict on a capture is ignored",
    edits: [
      edit(
        RELAY,
        'if (answer.verdict === "accepted" || attempt === null) return undefined;',
        "if (attempt !== null) return undefined;",
      ),
    ],
  },
  {
    name: "a refund gets a new id at each try",
    edits: [
      edit(
        RELAY,
        "return providerOf(ports, attempt.method).refund({\n      id,",
        "return providerOf(ports, attempt.method).refund({\n      id: id + Math.random(),",
      ),
    ],
  },
  {
    name: "the provider gives back twice what it is asked for twice",
    edits: [
      edit(CHARGE, "if (charge.refunds.some((known) => known.id === id)) return charge;", ""),
      edit(CHARGE, "if (given + amount > capturedBy(charge, order)) return charge;", "void given;"),
    ],
  },
  {
    name: "a refund that the provider has taken counts as done",
    edits: [
      edit(REFUNDS, 'if (answer === undefined || answer === "pending") {', "if (answer === undefined) {"),
      edit(REFUNDS, 'const done = answer === "done";', 'const done = answer !== "rejected";'),
    ],
  },
  {
    name: "refunds under way do not count against what is left",
    edits: [
      edit(
        PAYMENT,
        'attempt.captured_amount - sum(payment, attempt.no, ["due", "requested", "done"]);',
        'attempt.captured_amount - sum(payment, attempt.no, ["done"]);',
      ),
    ],
  },
  {
    name: "the relay removes every event, not its own",
    edits: [
      edit(
        DELIVER,
        "done.reduce((rest, id) => delivered(rest, id), outbox),",
        "done.length > 0 ? [] : outbox,",
      ),
    ],
  },
  {
    name: "an event that failed is removed",
    edits: [edit(DELIVER, "failures.push([event.id, failure]);", "done.push(event.id);")],
  },
  {
    name: "an event is parked while its receiver is away",
    edits: [
      edit(
        "lib/outbox/failure.ts",
        'if (error instanceof PeerUnavailable) return { kind: "away"',
        'if (error instanceof PeerUnavailable) return { kind: "final"',
      ),
    ],
  },
  {
    name: "the relay writes back the state it began with",
    edits: [
      edit(
        DELIVER,
        "return followUps.reduce((next, followUp) => followUp(next), settled);",
        "return followUps.reduce((next, followUp) => followUp(next), { ...state, outbox: settle(state.outbox) });",
      ),
    ],
  },
  {
    name: "the order applies payment events of any age",
    edits: [
      edit(ORDER_PAYMENT, "const fresh = event.seq > (order.payment?.seq ?? 0);", "const fresh = true;"),
    ],
  },
  {
    name: "expiry ignores a live attempt",
    edits: [
      edit(
        ORDER,
        "return Math.max(Date.parse(order.expires_at), attemptEnd);",
        "return attemptEnd < 0 ? 0 : Date.parse(order.expires_at);",
      ),
    ],
  },
  {
    name: "an event of an ended attempt ends the lease of the next",
    edits: [
      edit(
        ATTEMPTS,
        "if (payment.seq !== fencingSeq) throw new LeaseSuperseded(payment.seq);",
        "void fencingSeq;",
      ),
    ],
  },
  {
    name: "the total of an order may change while it is being paid",
    edits: [
      edit(ORDER, "if (money && paymentIsLive(order, now)) {", "if (money && order.lines.length > 100) {"),
    ],
  },
  {
    name: "two attempts may live at once",
    edits: [
      edit(
        ATTEMPTS,
        "if (liveAttempt(payment)) throw conflict(",
        "if (payment.attempts.length > 5) throw conflict(",
      ),
    ],
  },
  {
    name: "a notification's id is random",
    edits: [
      edit(
        "functions/notifications/notification.ts",
        'id: derivedId("notification", event.event_id, party.user_id),',
        'id: derivedId("notification", event.event_id, party.user_id, String(Math.random())),',
      ),
    ],
  },
  {
    name: "Idempotency-Key is ignored",
    edits: [edit("lib/http/idempotency.ts", "key === undefined ? v7({})", 'key !== "" ? v7({})')],
  },
  {
    name: "a key used with another body is not refused",
    edits: [
      edit(
        "lib/http/idempotency.ts",
        "if (earlier.fingerprint !== repeated.fingerprint) {",
        "if (earlier.fingerprint === undefined) {",
      ),
    ],
  },
  {
    name: "what hints lose, no sweep finds",
    edits: [
      edit(
        "functions/orders/order-store.ts",
        "earliest(nextDelivery(order.outbox), expiryOf(order))",
        "earliest(expiryOf(order))",
      ),
    ],
  },
  {
    name: "strangers see orders",
    edits: [
      edit(
        ORDER,
        'if (sellsAs(actor, seller_id)) return "seller";\n  throw notFound("order");',
        'void sellsAs(actor, seller_id);\n  return "seller";',
      ),
    ],
  },
  {
    name: "anyone may give money back",
    edits: [
      edit(
        "functions/payments/handlers/refund-payment.ts",
        'if (hasScope(user, "refund") || partyOf(payment, user) === "seller" || debug) return;',
        'if (user.id !== "") return;',
      ),
    ],
  },
  {
    name: "a callback without a good signature is believed",
    edits: [
      edit(
        "functions/payments/providers/sandbox/signature.ts",
        "if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {",
        "if (!timingSafeEqual(Buffer.from(given), Buffer.from(given))) {",
      ),
    ],
  },
];
