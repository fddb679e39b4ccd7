// The sandbox provider: a payment provider of our own. It decides on command, and otherwise behaves like any other provider.

import { derivedId } from "../../../../lib/core/ids.ts";
import { iso } from "../../../../lib/core/iso.ts";
import { formatAmount } from "../../../../lib/money/money.ts";
import { hintAfter } from "../../../../lib/outbox/hint.ts";
import { nextDelivery, parkedEvents } from "../../../../lib/outbox/outbox.ts";
import type { Relay } from "../../../../lib/outbox/relay.ts";
import { AggregateStore, type Changed, type Codec } from "../../../../lib/storage/aggregate-store.ts";
import { dayKeys } from "../../../../lib/storage/day-index.ts";
import type { Table } from "../../../../lib/storage/table.ts";
import type { Charge, Provider } from "../provider.ts";
import { readCallback } from "./callback.ts";
import {
  close,
  decide,
  newCharge,
  type Outcome,
  refund,
  refundAnswer,
  type SandboxCharge,
  stateOf,
} from "./charge.ts";
import type { SandboxPorts } from "./ports.ts";
import { createSandboxRelay } from "./sandbox-relay.ts";
import { SIGNATURE_HEADER, verifyCallback } from "./signature.ts";

export interface Sandbox {
  readonly provider: Provider;
  /** The relay that sends its callbacks. */
  readonly relay: Relay;
  /**
   * Makes it decide about a charge, durably; a callback is sent then. The same decision again has no effect.
   * @throws {DomainError} conflict when it has decided otherwise, or the charge is closed.
   */
  decide(
    charge: Pick<Charge, "reference" | "amount" | "currency">,
    outcome: Outcome,
    traceparent: string,
  ): Promise<void>;
}

const codec: Codec<SandboxCharge> = {
  schemaVersion: 1,
  id: (charge) => charge.reference,
  index: ({ reference, decision }) => (decision ? dayKeys(reference, decision.decided_at) : {}),
  dueAt: (charge) => nextDelivery(charge.outbox),
  parked: (charge) => parkedEvents(charge.outbox).length > 0,
};

/** The charges in `table`. */
export const chargeStore = (table: Table): AggregateStore<SandboxCharge> => new AggregateStore(table, codec);

/** Changes a charge, and creates it if it does not exist. */
export async function changeCharge(
  store: AggregateStore<SandboxCharge>,
  reference: string,
  step: (charge: SandboxCharge) => SandboxCharge,
): Promise<Changed<SandboxCharge>> {
  const first = step(newCharge(reference));
  if (await store.create(first)) return { state: first, changed: true };
  const done = await store.change(reference, step);
  if (!done) throw new Error(`The charge ${reference} was refused as existing, but is not there`);
  return done;
}

/** A sandbox provider with the given ports. */
export function createSandbox(ports: SandboxPorts): Sandbox {
  const store = chargeStore(ports.table);
  const change = (reference: string, step: (charge: SandboxCharge) => SandboxCharge) =>
    changeCharge(store, reference, step);

  return {
    relay: createSandboxRelay(store, ports),
    async decide({ reference, amount, currency }, outcome, traceparent) {
      const now = ports.now();
      const decision = {
        outcome,
        transaction_id: derivedId("sandbox-transaction", reference),
        amount,
        currency,
        decided_at: iso(now),
      };
      const done = await change(reference, (charge) => decide(charge, decision, now));
      await hintAfter(ports.hint, reference, done, { traceparent });
    },
    provider: {
      method: "sandbox",
      replies: { taken: { status: 200, body: { status: "ok" } }, refused: () => undefined },
      async open({ reference, amount, currency }) {
        return { provider: "sandbox", reference, amount: formatAmount(amount), currency };
      },
      query: async (reference) => stateOf(await store.read(reference)),
      close: async (reference) => stateOf((await change(reference, close)).state),
      refund: async (order) =>
        refundAnswer((await change(order.reference, (charge) => refund(charge, order))).state, order.id),
      async queryRefund({ id, reference }) {
        const charge = await store.read(reference);
        return charge?.refunds.some((known) => known.id === id) ? "done" : "unknown";
      },
      async parseCallback(headers, rawBody) {
        const sent_at = verifyCallback(ports.secrets, headers[SIGNATURE_HEADER], rawBody);
        const { reported, charge } = readCallback(rawBody);
        if (!charge) return { about: "unreadable", text: rawBody, reported, content: rawBody };
        return { about: "charge", text: rawBody, reference: reported.reference, charge, sent_at };
      },
    },
  };
}
