// The payment provider's world outside: captures that the sandbox did not decide, callbacks sent again, forged ones.

import { payments } from "../../../functions/payments/contract.ts";
import type { Attempt, Payment } from "../../../functions/payments/payment.ts";
import { SIGNATURE_HEADER, signCallback } from "../../../functions/payments/providers/sandbox/signature.ts";
import { ANONYMOUS } from "../../../lib/auth/caller.ts";
import { formatAmount } from "../../../lib/money/money.ts";
import type { Ask } from "./edge.ts";
import { send } from "./ports.ts";
import { SANDBOX_SECRET } from "./terms.ts";
import type { World } from "./world.ts";

/** Money that was taken from a payer. */
export interface Capture {
  readonly reference: string;
  readonly transaction: string;
  readonly amount: number;
  readonly currency: string;
}

const TRIES = 40;

export class Outside {
  readonly captures: Capture[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes money for an attempt: the right amount or another, once or again; and sends the callback until it is accepted. */
  async capture(payment: Payment, n: number): Promise<void> {
    const attempt = payment.attempts.at(n % 3 === 0 ? 0 : -1);
    if (!attempt) return;
    if (n === 11) return this.#report(attempt, undefined);
    const earlier = this.captures.find(({ reference }) => reference === attempt.reference);
    const capture = n % 4 === 3 && earlier ? earlier : this.#take(payment, attempt, n);
    await Promise.all([
      this.#report(attempt, capture),
      ...(n % 2 === 0 ? [this.#report(attempt, capture)] : []),
    ]);
  }

  #take(payment: Payment, { reference, amount }: Attempt, n: number): Capture {
    const capture = {
      reference,
      transaction: `outside-${this.captures.length + 1}`,
      amount: n === 5 ? 1 : amount,
      currency: n === 7 ? "USD" : payment.currency,
    };
    this.captures.push(capture);
    return capture;
  }

  /** Sends a callback until it is taken; without `capture` one that says the payer failed. */
  async #report({ reference, amount }: Attempt, capture: Capture | undefined): Promise<void> {
    const { scheduler, commits } = this.#world;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const body = JSON.stringify({
        reference,
        transaction_id: capture?.transaction ?? "none",
        outcome: capture ? "success" : "failure",
        amount: formatAmount(capture?.amount ?? amount),
        currency: capture?.currency ?? "CNY",
        occurred_at: new Date(scheduler.now).toISOString(),
      });
      const ask = callback(body, signCallback(SANDBOX_SECRET, body, scheduler.now));
      this.#world.signed.push(ask);
      const status = await this.#send(ask);
      if (status === 200) {
        const recorded = [...commits.payments.values()].some((states) =>
          states.at(-1)?.state.attempts.some((known) => known.transaction_id === capture?.transaction),
        );
        if (capture && !recorded)
          this.#world.broken("durable", `callback ${capture.transaction} is acknowledged, and not recorded`);
        return;
      }
      await scheduler.pause(Math.min(500 * 2 ** tries, 60_000));
    }
    this.#world.broken("settled", `callback of ${reference} is never taken`);
  }

  /** Sends a callback that was signed before, as it was. */
  async replay(n: number): Promise<void> {
    const { signed } = this.#world;
    const old = signed[n % Math.max(signed.length, 1)];
    if (old) await this.#send(old);
  }

  /** Sends what nobody signed, or signed with another key, or for another text. */
  async forge({ attempts, currency }: Payment, n: number): Promise<void> {
    const attempt = attempts.at(-1);
    if (!attempt) return;
    const body = JSON.stringify({
      reference: attempt.reference,
      transaction_id: "forged",
      outcome: n % 2 ? "success" : "failure",
      amount: formatAmount(attempt.amount),
      currency,
      occurred_at: new Date(this.#world.scheduler.now).toISOString(),
    });
    const now = this.#world.scheduler.now;
    const signatures = [
      signCallback("guessed", body, now),
      signCallback(SANDBOX_SECRET, `${body} `, now),
      "t=1,v1=00",
    ];
    const status = await this.#send(callback(body, signatures[n % 3] ?? ""));
    if (status === 200) this.#world.broken("money", "a forged callback is taken");
  }

  /** Its status; 0 when there was no answer. */
  async #send(ask: Ask): Promise<number> {
    const what = ask.body?.replace(/.*"transaction_id":"([^"]*)","outcome":"([^"]*)".*/, "$1 $2");
    this.#world.note(() => `provider: callback ${what}`);
    try {
      const { status } = await send(this.#world, undefined, "PaymentService", ask, true);
      this.#world.note(() => `provider: callback ${what} → ${status}`);
      return status;
    } catch {
      return 0;
    }
  }
}

const callback = (body: string, signature: string): Ask => ({
  caller: ANONYMOUS,
  method: payments.routes.callback.method,
  path: payments.routes.callback.path.replace("{method}", "sandbox"),
  headers: { "content-type": "application/json", [SIGNATURE_HEADER]: signature },
  body,
});
