// One command on one order: read, decide by the rules, write on condition, hint the relay.

import { notFound } from "../../lib/core/domain-error.ts";
import type { Scope } from "../../lib/core/scope.ts";
import { hintAfter } from "../../lib/outbox/hint.ts";
import type { Role } from "../events.ts";
import { type Actor, type Order, partyOf, type RevisionCheck, requireRevision } from "./order.ts";
import type { OrderService } from "./service.ts";

export interface Command {
  readonly id: string;
  readonly user: Actor;
  readonly precondition: RevisionCheck;
  readonly scope: Scope;
}

/**
 * Applies `decide` to an order that the user may see. It is called again when another write came between, so a command is
 * refused by the rules only, never because of a race.
 */
export async function commandOrder(
  service: OrderService,
  command: Command,
  decide: (order: Order, now: number, role: Role) => Order,
): Promise<Order> {
  const { store, ports } = service;
  const done = await store.change(command.id, (order) => {
    const role = partyOf(order, command.user);
    requireRevision(order, command.precondition);
    return decide(order, ports.now(), role);
  });
  if (!done) throw notFound("order");
  await hintAfter(ports.hint, command.id, done, command.scope);
  return done.state;
}
