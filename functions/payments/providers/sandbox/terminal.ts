// The sandbox provider's terminal: whoever sits there decides about charges, and when, how often and in which order its callbacks are
// sent. For the control room; it works on the stored charges, so the relay of PaymentService sends what it orders.

import { setTimeout as sleep } from "node:timers/promises";
import { conflict, invalidValue, notFound } from "../../../../lib/core/domain-error.ts";
import { derivedId } from "../../../../lib/core/ids.ts";
import { iso } from "../../../../lib/core/iso.ts";
import { formatAmount, type Minor, parseAmount } from "../../../../lib/money/money.ts";
import type { AggregateStore } from "../../../../lib/storage/aggregate-store.ts";
import { idsOfWindow } from "../../../../lib/storage/day-index.ts";
import type { Table } from "../../../../lib/storage/table.ts";
import type { SandboxAttempt } from "../../../control-room.ts";
import { type Attempt, attemptOf, type Payment, statusOf } from "../../payment.ts";
import { paymentStore } from "../../payment-store.ts";
import { paymentIdOf } from "../../reference.ts";
import { isHeld, release, repeat, reporting, type SendAt, sendAt } from "./callback-orders.ts";
import { decide, newCharge, type Outcome, type SandboxCharge, stateOf } from "./charge.ts";
import { changeCharge, chargeStore } from "./sandbox.ts";

export interface TerminalDecision {
  readonly outcome: Outcome;
  /** What it captures, as `"299.99"`; the attempt's amount when left out. */
  readonly amount?: string | undefined;
  /** What its callback says; by default what is captured. */
  readonly reported?: string | undefined;
  readonly send: SendAt;
}

export interface SandboxTerminal {
  /** The latest attempts, newest first, at most 50. */
  list(): Promise<readonly SandboxAttempt[]>;
  /** @throws {DomainError} conflict `charge_decided`, `charge_closed`; invalid `amount_invalid`. */
  decide(reference: string, decision: TerminalDecision): Promise<void>;
  /** Sends its callbacks now that wait, are held or parked. @throws {DomainError} conflict `nothing_waits`. */
  send(reference: string): Promise<void>;
  /**
   * Sends its callback once more, with the amount `reported` where that is given.
   * @throws {DomainError} conflict `charge_open`, `callbacks_waiting`; invalid `amount_invalid`.
   */
  repeat(reference: string, send: SendAt, reported?: string): Promise<void>;
  /** Sends held callbacks one after the other, by the time of their decision or the other way round; how many charges it were. */
  sendHeld(order: "first" | "last"): Promise<number>;
}

export type OpenTerminal = (table: (name: string) => Table, now: () => number) => SandboxTerminal;

const MOST = 50;
/** How far back it looks, until it has found enough. */
const WINDOWS_MS = [15_000, 120_000, 1_200_000, 7_200_000, 86_400_000];
/** How long it waits until a callback is accepted, before it sends the next. */
const ACCEPTED_WITHIN_MS = 5_000;
const LOOK_MS = 50;

export const openTerminal: OpenTerminal = (table, now) => {
  const payments = paymentStore(table("payments"));
  const charges = chargeStore(table("sandbox"));

  async function attempts(): Promise<readonly Listed[]> {
    const found = await Promise.all((await latest(payments, now())).map((id) => payments.read(id)));
    const all = found.flatMap((payment) => payment?.attempts.map((attempt) => ({ payment, attempt })) ?? []);
    const listed = all
      .filter(({ attempt }) => attempt.method === "sandbox")
      .sort((one, other) => other.attempt.created_at.localeCompare(one.attempt.created_at))
      .slice(0, MOST);
    return Promise.all(
      listed.map(async (one) => ({ ...one, charge: await charges.read(one.attempt.reference) })),
    );
  }

  async function change(reference: string, step: (charge: SandboxCharge) => SandboxCharge): Promise<void> {
    if ((await charges.change(reference, step)) === undefined) throw notFound("charge");
  }

  return {
    list: async () => (await attempts()).map(viewOf),
    async decide(reference, { outcome, amount, reported, send }) {
      const id = paymentIdOf(reference);
      const payment = id === undefined ? undefined : await payments.read(id);
      if (payment === undefined) throw notFound("payment");
      const asked = attemptOf(payment, reference).amount;
      const charged = amountOf(amount) ?? asked;
      const said = amountOf(reported);
      const decision = {
        outcome,
        transaction_id: derivedId("sandbox-transaction", reference),
        amount: charged,
        currency: payment.currency,
        decided_at: iso(now()),
      };
      await changeCharge(charges, reference, (charge) => {
        if (charge.decision) throw conflict("charge_decided", "The sandbox has already decided.");
        return sendAt(reporting(decide(charge, decision, now()), said), send, now());
      });
    },
    send: (reference) =>
      change(reference, (charge) => {
        const released = release(charge, now());
        if (released === charge) throw conflict("nothing_waits", "No callback of this charge waits.");
        return released;
      }),
    async repeat(reference, send, reported) {
      const said = amountOf(reported);
      await change(reference, (charge) => repeat(charge, send, now(), said));
    },
    async sendHeld(order) {
      const held = (await attempts()).flatMap(({ charge }) =>
        charge?.outbox.some(isHeld) === true ? [charge] : [],
      );
      const byTime = held.sort((one, other) => decidedAt(one).localeCompare(decidedAt(other)));
      for (const { reference } of order === "first" ? byTime : byTime.reverse()) {
        await change(reference, (charge) => release(charge, now()));
        await accepted(charges, reference);
      }
      return held.length;
    },
  };
};

interface Listed {
  readonly payment: Payment;
  readonly attempt: Attempt;
  readonly charge: SandboxCharge | undefined;
}

/** @throws {DomainError} invalid `amount_invalid`. */
function amountOf(given: string | undefined): Minor | undefined {
  if (given === undefined) return undefined;
  const amount = parseAmount(given);
  if (amount === undefined) throw invalidValue("amount_invalid", "An amount is a decimal above 0.");
  return amount;
}

const decidedAt = ({ decision }: SandboxCharge): string => decision?.decided_at ?? "";

/** Ids of the latest payments, in no order. */
async function latest(payments: AggregateStore<Payment>, now: number): Promise<readonly string[]> {
  let ids: string[] = [];
  for (const ms of WINDOWS_MS) {
    ids = [];
    const window = { since: now - ms, until: now + 1 };
    for await (const id of idsOfWindow((query) => payments.listIds(query), window)) {
      ids.push(id);
      if (ids.length === MOST) return ids;
    }
  }
  return ids;
}

function viewOf({ payment, attempt, charge }: Listed): SandboxAttempt {
  const { decision } = charge ?? newCharge(attempt.reference);
  return {
    reference: attempt.reference,
    payment_id: payment.id,
    order_id: payment.order_id,
    amount: formatAmount(attempt.amount),
    currency: payment.currency,
    created_at: attempt.created_at,
    payment_status: statusOf(payment),
    attempt_status: attempt.status,
    charge: stateOf(charge).state,
    captured: decision?.outcome === "success" ? formatAmount(decision.amount) : null,
    callbacks: (charge?.outbox ?? []).map((event) => ({
      state: event.parked_at !== undefined ? "parked" : isHeld(event) ? "held" : "waiting",
      at: event.next_at,
      error: event.last_error ?? null,
    })),
  };
}

/** Resolves when PaymentService has accepted all callbacks of a charge, or does not in time. */
async function accepted(charges: AggregateStore<SandboxCharge>, reference: string): Promise<void> {
  const from = performance.now();
  while (performance.now() - from < ACCEPTED_WITHIN_MS) {
    if ((await charges.read(reference))?.outbox.length === 0) return;
    await sleep(LOOK_MS);
  }
}
