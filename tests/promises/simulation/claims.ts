// What users may claim from the replies they got: one effect for each request, one winner of each race, refusals with a reason.

import type { Reply } from "./client.ts";
import { ordersSince } from "./replies.ts";
import type { SimulatedSystem } from "./simulated-system.ts";

export class Claims {
  /** The requests that may each have created one thing, by what they create it for. */
  readonly requests = new Map<string, Set<string>>();
  readonly #world: SimulatedSystem;
  /** Whose request was acknowledged as the effective one. */
  readonly #winners = new Map<string, string>();
  #serial = 0;

  constructor(world: SimulatedSystem) {
    this.#world = world;
  }

  /** Something may come to be for `what`: once for each name, and once for each request without one. */
  requested(what: string, name: string | undefined): void {
    this.#serial += 1;
    const known = this.requests.get(what) ?? new Set();
    this.requests.set(what, known.add(name ?? `keyless ${this.#serial}`));
  }

  /** An acknowledgement must match its request. */
  mustSay(said: string, wanted: string): void {
    if (said !== wanted) this.#world.broken("durable", `${wanted} was requested, and ${said} acknowledged`);
  }

  /** Only one request may be acknowledged as the effective one; a repeated request is the same one. */
  won(what: string, name?: string): void {
    this.#serial += 1;
    const winner = name ?? `request ${this.#serial}`;
    const other = this.#winners.get(what);
    if (other !== undefined && other !== winner)
      this.#world.broken("one winner", `${what} is won twice: by ${other} and by ${winner}`);
    this.#winners.set(what, winner);
  }

  /** A refusal by a rule must have had its reason in a state there was meanwhile. */
  refusedRightly(
    id: string,
    reply: Reply | undefined,
    reasons: Readonly<Record<string, (status: string) => boolean>>,
  ): void {
    const reason = reply && reasons[reply.code];
    if (!reply || !reason) return;
    if (!ordersSince(this.#world, id, reply.since).some(({ status }) => reason(status)))
      this.#world.broken("one winner", `${reply.code} for order ${id}, which was never so`);
  }
}
