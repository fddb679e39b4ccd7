// Which data of people orders hold, and what becomes of them when a person is erased: the deal stays, with its money.

import { ERASED, type Fields, kept, nobodys, removed, rewritten, userId } from "../../lib/privacy/fields.ts";
import { keptRecords, type OpenPersonalData } from "../../lib/privacy/records.ts";
import { causeOf } from "../events.ts";
import { type Order, revised } from "./order.ts";
import { ORDER_STATUSES } from "./order-status.ts";
import { orderStore } from "./order-store.ts";

const BUYER = ["buyer"];
const PARTIES = ["buyer", "seller"];

/** The notes of a history that the rules write; others are the reason that a party gave for a cancellation. */
const OWN_NOTES: ReadonlySet<string> = new Set([
  "created",
  "edited",
  "payment begun",
  "payment not begun",
  "deleted",
  "cancelled by the buyer",
  "cancelled by the seller",
  ERASED,
  ...ORDER_STATUSES,
]);

const ownNote = (note: string): string =>
  OWN_NOTES.has(note) || causeOf(note) !== undefined ? note : ERASED;

const ownText = (of: readonly string[]) =>
  rewritten<string>(of, `\`${ERASED}\`, unless it is one of this system's own texts`, ownNote);

const fields: Fields<Order> = {
  id: nobodys,
  status: nobodys,
  buyer_id: userId("buyer"),
  seller_id: userId("seller"),
  buyer_email: removed(BUYER, null),
  buyer_locale: removed(BUYER),
  customer_name: removed(BUYER, ERASED),
  currency: nobodys,
  total: nobodys,
  lines: {
    each: {
      product_id: kept(BUYER, "what was sold"),
      name: removed(BUYER, ERASED),
      unit_price: nobodys,
      quantity: nobodys,
    },
  },
  shipping: removed(BUYER, null),
  remark: removed(BUYER, ""),
  cancel_reason: ownText(PARTIES),
  payment: {
    within: {
      id: nobodys,
      seq: nobodys,
      changed_at: nobodys,
      lease_until: nobodys,
      attempt: nobodys,
      refused: nobodys,
      fencing_seq: nobodys,
      lease_alone: { within: { holder: nobodys, first: nobodys } },
    },
  },
  history: { each: { at: nobodys, status: nobodys, note: ownText(PARTIES) } },
  revision: nobodys,
  created_at: nobodys,
  updated_at: nobodys,
  paid_at: nobodys,
  expires_at: nobodys,
  deleted_at: nobodys,
  fingerprint: removed(BUYER, ""),
  outbox: removed(PARTIES, []),
};

/** What has to end before a party may be forgotten. */
function unfinished({ id, status, outbox, deleted_at }: Order): readonly string[] {
  return [
    ...(status === "pending" && deleted_at === null
      ? [`The order ${id} is not paid: it can be cancelled, or expires.`]
      : []),
    ...(status === "paid"
      ? [`The order ${id} is paid: one of its parties has to complete it, or its payment to be refunded.`]
      : []),
    ...(outbox.length > 0
      ? [`The order ${id} has events that are not delivered yet: see npm run outbox -- list.`]
      : []),
  ];
}

export const personalData: OpenPersonalData = ({ table }) => [
  keptRecords<Order>({
    table: "orders",
    name: "orders",
    purpose: "the deal between buyer and seller",
    keeps: "for good; one that its buyer has deleted for 90 days more",
    store: orderStore(table("orders")),
    fields,
    attributes: ["buyer", "buyer_status", "seller", "seller_status", "created", "amount", "currency"],
    partsOf: ({ buyer_id, seller_id }, { id }) => [
      ...(buyer_id === id ? ["buyer"] : []),
      ...(seller_id === id ? ["seller"] : []),
    ],
    unfinished,
    dealOf: ({ id }) => id,
    after: (order, now) => revised(order, now, ERASED),
  }),
];
