// Which data of people payments hold, and what becomes of them when a person is erased: the money stays, with the provider's
// names for it. What the provider itself knows of a payer is not in this system's hands.

import { ERASED, type Fields, kept, nobodys, removed, rewritten, userId } from "../../lib/privacy/fields.ts";
import { keptRecords, type OpenPersonalData } from "../../lib/privacy/records.ts";
import { causeOf } from "../events.ts";
import { liveAttempt, type Payment } from "./payment.ts";
import { isExtra } from "./payment-attempts.ts";
import { checkDue } from "./payment-checks.ts";
import { openRefunds, parkedRefunds } from "./payment-refunds.ts";
import { paymentStore } from "./payment-store.ts";
import type { SandboxCharge } from "./providers/sandbox/charge.ts";
import { chargeStore } from "./providers/sandbox/sandbox.ts";
import { paymentIdOf } from "./reference.ts";
import type { UnmatchedTransaction } from "./unmatched.ts";
import { unmatchedStore } from "./unmatched-store.ts";

// As in the order, so that a pseudonym is the same in both.
const BUYER = ["buyer"];
const PARTIES = ["buyer", "seller"];

const OWN_NOTE =
  /^(?:attempt \d+ (?:begun|failed at the provider)|being processed by the provider|captured|expired|cancelled by the buyer|refund of [\d.]+ (?:rejected by the provider|done|requested again|requested))$/;
const WITH_CAUSE = /^(?:refund of [\d.]+ required|pays nothing): (.*)$/s;
const WITH_REASON = /^(refund of [\d.]+ requested): .*$/s;

/** What the rules wrote of a note, without the reason that a person gave. */
function ownNote(note: string): string {
  const cause = WITH_CAUSE.exec(note)?.[1];
  if (OWN_NOTE.test(note) || causeOf(cause) !== undefined) return note;
  return WITH_REASON.exec(note)?.[1] ?? ERASED;
}

const payment: Fields<Payment> = {
  id: nobodys,
  order_id: nobodys,
  user_id: userId("buyer"),
  seller_id: userId("seller"),
  buyer_email: removed(BUYER, null),
  buyer_locale: removed(BUYER),
  currency: nobodys,
  attempts: {
    each: {
      no: nobodys,
      method: nobodys,
      amount: nobodys,
      status: nobodys,
      reference: kept(BUYER, "names the charge at its provider"),
      checkout: removed(BUYER, {}),
      transaction_id: kept(BUYER, "names the money at its provider"),
      captured_amount: nobodys,
      captured_currency: nobodys,
      closed_as: nobodys,
      refund_required: nobodys,
      key: rewritten<string>(BUYER, "removed, but for the mark of a second capture", (key) =>
        isExtra({ key }) ? key : ERASED,
      ),
      fingerprint: removed(BUYER, ""),
      created_at: nobodys,
      expires_at: nobodys,
      ended_at: nobodys,
      check_at: nobodys,
      checks: nobodys,
    },
  },
  refunds: {
    each: {
      id: kept(PARTIES, "names the refund at its provider"),
      attempt: nobodys,
      amount: nobodys,
      reason: rewritten<string>(
        PARTIES,
        `\`${ERASED}\`, unless it is one of this system's causes`,
        (reason) => causeOf(reason) ?? ERASED,
      ),
      automatic: nobodys,
      status: nobodys,
      fingerprint: removed(PARTIES, ""),
      created_at: nobodys,
      done_at: nobodys,
      tries: nobodys,
      next_at: nobodys,
      abnormal: nobodys,
    },
  },
  seq: nobodys,
  history: {
    each: {
      at: nobodys,
      status: nobodys,
      note: rewritten<string>(PARTIES, "without the reason that a person gave", ownNote),
    },
  },
  created_at: nobodys,
  updated_at: nobodys,
  order_changed_at: nobodys,
  outbox: removed(PARTIES, []),
};

/** What has to end before a party may be forgotten. */
function unfinished(state: Payment): readonly string[] {
  const { id, attempts, outbox } = state;
  const says = (holds: boolean, what: string) => (holds ? [`The payment ${id} ${what}`] : []);
  const live = liveAttempt(state) !== undefined;
  return [
    ...says(live, "is being paid: its payer can cancel the attempt, or it expires."),
    ...says(
      !live && attempts.some((attempt) => checkDue(attempt) !== undefined),
      "has an attempt about which its provider is asked once more.",
    ),
    ...says(openRefunds(state).length > 0, "has a refund that its provider has not done yet."),
    ...says(
      parkedRefunds(state).length > 0,
      "has a refund that its provider has rejected: see npm run outbox -- list.",
    ),
    ...says(outbox.length > 0, "has events that are not delivered yet: see npm run outbox -- list."),
  ];
}

/** Known by the payment that the provider's reference names. */
const unmatched: Fields<UnmatchedTransaction> = {
  id: nobodys,
  method: nobodys,
  kind: nobodys,
  reason: nobodys,
  excerpt: removed(BUYER, null),
  reference: kept(BUYER, "names the charge at its provider"),
  transaction_id: kept(BUYER, "names the money at its provider"),
  amount: nobodys,
  currency: nobodys,
  reported_at: nobodys,
  settled_at: nobodys,
};

/** The sandbox acts as a provider: it knows references and amounts, and nobody's name. */
const charge: Fields<SandboxCharge> = {
  reference: nobodys,
  decision: {
    within: {
      outcome: nobodys,
      transaction_id: nobodys,
      amount: nobodys,
      currency: nobodys,
      decided_at: nobodys,
    },
  },
  closed: nobodys,
  refunds: { each: { id: nobodys, transaction_id: nobodys, amount: nobodys } },
  outbox: nobodys,
};

export const personalData: OpenPersonalData = ({ table }) => [
  keptRecords<Payment>({
    table: "payments",
    name: "payments",
    purpose: "the money of an order: what was paid, and given back",
    keeps: "for good",
    store: paymentStore(table("payments")),
    fields: payment,
    attributes: ["user", "day_shard", "created"],
    partsOf: ({ user_id, seller_id }, { id }) => [
      ...(user_id === id ? ["buyer"] : []),
      ...(seller_id === id ? ["seller"] : []),
    ],
    unfinished,
    dealOf: ({ order_id }) => order_id,
  }),
  keptRecords<UnmatchedTransaction>({
    table: "unmatched",
    name: "unmatched transactions",
    purpose: "money that a provider reports and no payment takes, for whoever settles it",
    keeps: "for good",
    store: unmatchedStore(table("unmatched")),
    fields: unmatched,
    attributes: ["day_shard", "created"],
    byReference: true,
    partsOf: ({ reference, settled_at, excerpt }, { known }) =>
      (settled_at === null || excerpt !== null) && known.has(paymentIdOf(reference) ?? "") ? BUYER : [],
    unfinished: ({ id, settled_at }) =>
      settled_at === null
        ? [`The provider reported money (${id}) that no payment takes: see npm run outbox -- list.`]
        : [],
    dealOf: ({ id }) => id,
  }),
  keptRecords<SandboxCharge>({
    table: "sandbox",
    name: "charges of the sandbox provider",
    purpose: "what the provider for tries has recorded",
    keeps: "for good",
    store: chargeStore(table("sandbox")),
    fields: charge,
    attributes: ["day_shard", "created"],
    partsOf: () => [],
    dealOf: ({ reference }) => reference,
  }),
];
