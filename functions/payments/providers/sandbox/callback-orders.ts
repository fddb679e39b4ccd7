// What the sandbox's terminal may do with its callbacks: send them later, when it is told to, or again. The rules; pure.

import { conflict } from "../../../../lib/core/domain-error.ts";
import { iso } from "../../../../lib/core/iso.ts";
import type { Minor } from "../../../../lib/money/money.ts";
import { enqueue, type OutboxEvent, resend } from "../../../../lib/outbox/outbox.ts";
import type { Callback, SandboxCharge } from "./charge.ts";

/** When a callback is sent: at once, after some milliseconds, or when it is told to. */
export type SendAt = "now" | "held" | { readonly afterMs: number };

/** Not before the terminal says so. */
const NEVER = "9999-12-31T23:59:59.999Z";
/** Callbacks of one charge that may wait at the same time. */
const MOST_WAITING = 10;

/** The charge with its callbacks to be sent at `at`; those that are parked stay so. */
export function sendAt(charge: SandboxCharge, at: SendAt, now: number): SandboxCharge {
  const next_at = at === "held" ? NEVER : iso(at === "now" ? now : now + at.afterMs);
  const outbox = charge.outbox.map((event) =>
    // An event that was never tried is sent by any relay that passes; one that was waits for its time.
    event.parked_at === undefined ? { ...event, next_at, attempts: Math.max(1, event.attempts) } : event,
  );
  return { ...charge, outbox };
}

/** The charge with all callbacks that wait, are held or parked to be sent now; the same charge when there is none. */
export function release(charge: SandboxCharge, now: number): SandboxCharge {
  if (charge.outbox.length === 0) return charge;
  const outbox = charge.outbox.reduce((rest, { id }) => resend(rest, id, now), charge.outbox);
  return sendAt({ ...charge, outbox }, "now", now);
}

/** The charge with all its callbacks that wait saying `amount`, whatever was recorded; undefined: the charge as it is. */
export function reporting(charge: SandboxCharge, amount: Minor | undefined): SandboxCharge {
  if (amount === undefined) return charge;
  return { ...charge, outbox: charge.outbox.map((event) => ({ ...event, payload: { amount } })) };
}

/**
 * The charge with its callback once more, which says `amount` where that is given; all that wait are sent at `at`.
 * @throws {DomainError} conflict `charge_open`, `callbacks_waiting`.
 */
export function repeat(charge: SandboxCharge, at: SendAt, now: number, amount?: Minor): SandboxCharge {
  if (!charge.decision) throw conflict("charge_open", "The sandbox has not decided about this charge.");
  if (charge.outbox.length >= MOST_WAITING)
    throw conflict("callbacks_waiting", `${MOST_WAITING} callbacks of this charge wait already.`);
  const id = `callback:${iso(now)}`;
  if (charge.outbox.some((event) => event.id === id)) return charge;
  const payload: Callback = amount === undefined ? "callback" : { amount };
  return sendAt({ ...charge, outbox: enqueue(charge.outbox, id, payload, now) }, at, now);
}

export const isHeld = ({ next_at }: Pick<OutboxEvent<unknown>, "next_at">): boolean => next_at === NEVER;
