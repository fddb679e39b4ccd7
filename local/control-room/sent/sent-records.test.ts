import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { History } from "../history.ts";
import { testSpan } from "../test-spans.ts";
import { SentRecords } from "./sent-records.ts";

let history: History;
let records: SentRecords;

beforeEach(async () => {
  history = await History.open(":memory:", { bytes: 16_000_000, ms: 3_600_000 });
  records = new SentRecords(history);
});
afterEach(() => history.close());

const mail = {
  "cfmp.sent.kind": "mail",
  "user.id": "ann",
  "cfmp.order.id": "o1",
  "cfmp.notification.id": "n1",
};
const webhook = {
  "cfmp.sent.kind": "webhook",
  "cfmp.webhook.id": "w1",
  "cfmp.sent.message.id": "msg_1",
  "cfmp.sent.outcome": "failed",
  "cfmp.sent.status": 500,
  "cfmp.delivery.attempt": 3,
};

const take = (...attributes: readonly (typeof mail | typeof webhook | object)[]) =>
  records.takeSpans(attributes.map((one, index) => testSpan(1, index + 1, { attributes: { ...one } })));

test("what was sent is read off spans; other spans, and kinds of a later version, are not", () => {
  expect(take({}, mail, { "cfmp.sent.kind": "pigeon" }, webhook)).toMatchObject([
    { kind: "mail", outcome: "accepted", user: "ann", order_id: "o1", attempt: 1, status: null },
    { kind: "webhook", outcome: "failed", user: null, order_id: null, attempt: 3, status: 500 },
  ]);
});

test("a span that failed was not accepted, whatever the span says", () => {
  const span = testSpan(1, 1, { failed: true, attributes: { ...mail, "error.type": "mail_failed" } });
  expect(records.takeSpans([span])).toMatchObject([{ outcome: "failed", error: "mail_failed" }]);
});

test("lists are newest first, filtered, and go on at their cursor", () => {
  take(mail, webhook, { ...mail, "user.id": "bob" });
  const found = (query: object) => records.find(query).items.map(({ kind, user }) => `${kind} ${user}`);
  expect(found({})).toEqual(["mail bob", "webhook null", "mail ann"]);
  expect(found({ kind: "mail" })).toEqual(["mail bob", "mail ann"]);
  expect(found({ user: "ann", order: "o1" })).toEqual(["mail ann"]);
  expect(found({ outcome: "failed" })).toEqual(["webhook null"]);
  const first = records.find({ limit: "2" });
  expect(records.find({ cursor: first.next_cursor ?? "" }).items).toMatchObject([{ user: "ann" }]);
});

test("one is found with what it is looked up by", () => {
  const [, sent] = take(mail, { ...webhook, "messaging.message.body.size": 120 });
  expect(records.read(sent?.id ?? 0)?.keys).toEqual({
    notification: null,
    webhook: "w1",
    message: "msg_1",
    bytes: 120,
  });
  expect(records.read(1)).toBeUndefined();
  expect(records.read(Number.NaN)).toBeUndefined();
});

test("numbers that are none of theirs are left out, and nothing else with them", () => {
  const odd = {
    "cfmp.sent.status": 1e308,
    "cfmp.delivery.attempt": -0.5,
    "messaging.message.body.size": "many",
  };
  const span = testSpan(9, 1, { attributes: { "cfmp.sent.kind": "mail", ...odd } });
  expect(records.takeSpans([span])).toMatchObject([{ status: null, attempt: 1 }]);
});
