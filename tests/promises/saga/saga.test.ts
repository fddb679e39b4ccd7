import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { acceptedCapture } from "../../../functions/payments/payment.ts";
import { WAIT_BEYOND_MS } from "../../../functions/payments/payment-event.ts";
import { RANGE } from "../simulation/chance.ts";
import type { BankCharge } from "./bank.ts";
import { atOnce, HAPPENINGS, type Happening, inTurn, type Outcome } from "./saga.ts";

/** Throws unless money and order are where the promises want them. */
function checkEnd({ order, payment, charges, violations }: Outcome): void {
  const kept = charges
    .map((charge) => ({ charge, left: charge.state === "paid" ? charge.amount - refundedOf(charge) : 0 }))
    .filter(({ left }) => left > 0);
  for (const charge of charges) expect(refundedOf(charge)).toBeLessThanOrEqual(charge.amount);
  expect(kept.length).toBeLessThanOrEqual(1);
  const [paid] = kept;
  if (paid) {
    expect(["paid", "completed"]).toContain(order.status);
    expect(acceptedCapture(payment)?.reference).toBe(paid.charge.reference);
    expect(order.total).toBe(paid.charge.amount);
  } else {
    expect(["paid", "completed"]).not.toContain(order.status);
  }
  // The total could not be edited during a payment lease. A capture that is reported after its lease finds the edited total.
  for (const { attempt: no, reason } of payment.refunds) {
    if (reason !== "the amount is not the order's") continue;
    const attempt = payment.attempts.find((one) => one.no === no);
    const leaseEnd = Date.parse(attempt?.expires_at ?? "") + WAIT_BEYOND_MS;
    const edits = order.history.filter(({ note }) => note === "edited").map(({ at }) => Date.parse(at));
    expect(edits.length).toBeGreaterThan(0);
    for (const at of edits) expect(at).toBeGreaterThanOrEqual(leaseEnd);
  }
  expect(payment.refunds.filter(({ status }) => status !== "done")).toEqual([]);
  const noted = payment.history.filter(({ note }) => /^refund of [\d.]+ required: /.test(note)).length;
  expect(noted).toBe(payment.refunds.filter(({ automatic }) => automatic).length);
  // Nor was any write on the way there one that may not be.
  expect(violations).toEqual([]);
}

const refundedOf = ({ refunds }: BankCharge) =>
  [...refunds.values()].reduce((sum, { amount, done }) => sum + (done ? amount : 0), 0);

describe("one after another, in every order", () => {
  const raced: readonly (readonly Happening[])[] = [
    [
      "newest is paid",
      "newest is reported",
      "payment is cancelled",
      "order is cancelled",
      "the rest is refunded",
    ],
    ["newest is paid", "newest is reported", "payment is cancelled", "pay", "order is edited"],
    ["oldest is paid", "oldest is reported", "16 minutes pass", "payments are swept", "pay"],
    ["newest is paid", "newest is reported", "16 minutes pass", "order is deleted", "orders are swept"],
    [
      "newest is paid",
      "newest is reported",
      "a part is refunded",
      "the rest is refunded",
      "order is completed",
    ],
    ["payer looks", "newest is paid", "payment is cancelled", "16 minutes pass", "orders are swept"],
  ];

  test.each(raced.map((happenings) => [happenings.join(", "), happenings] as const))(
    "%s",
    async (_, happenings) => {
      for (const order of permutations(happenings)) {
        const outcome = await inTurn(order);
        try {
          checkEnd(outcome);
        } catch (error) {
          throw new Error(`In this order: ${order.join(", ")}`, { cause: error });
        }
      }
    },
  );
});

/** `SAGA_RUNS` for more than the few that always run, `SAGA_MS` for how long at most. */
const runs = (usual: number) => ({
  numRuns: Number(process.env["SAGA_RUNS"] ?? usual),
  interruptAfterTimeLimit: Number(process.env["SAGA_MS"] ?? 60_000),
});

describe("all at once on two instances, wherever one comes between another's steps", () => {
  const schedule = fc.array(fc.nat(RANGE - 1), { maxLength: 240, size: "max" });
  const race = async (raced: readonly Happening[], numbers: readonly number[]) =>
    checkEnd(await atOnce(raced, numbers));

  test("whatever happens", async () => {
    const happenings = fc.array(fc.constantFrom(...HAPPENINGS), { minLength: 2, maxLength: 9 });
    await fc.assert(fc.asyncProperty(happenings, schedule, race), runs(250));
  });

  test("an attempt that ends, the next one, and an edit of the total", async () => {
    const raced: readonly Happening[] = [
      "payment is cancelled",
      "pay",
      "order is edited",
      "newest is paid",
      "newest is reported",
      "payments are swept",
    ];
    await fc.assert(fc.asyncProperty(fc.constant(raced), schedule, race), runs(200));
  });
});

/** All orders of `items`; equal ones count once. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return [...new Set(items)].flatMap((first) => {
    const at = items.indexOf(first);
    const rest = [...items.slice(0, at), ...items.slice(at + 1)];
    return permutations(rest).map((others) => [first, ...others]);
  });
}
