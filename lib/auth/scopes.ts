// Scopes of a user's token (RFC 8693, 4.2): what it allows beyond the user's own data, and how handlers check it.

import { forbidden } from "../core/domain-error.ts";
import type { User } from "./caller.ts";

/**
 * `sell`: act as the seller of orders that name the user as seller. `refund`: refund any payment. `notify`: notify any user.
 * `operate`: see the addresses and process ids of instances. `webhooks`: manage the webhooks that get the events of all orders.
 */
export type TokenScope = "sell" | "refund" | "notify" | "operate" | "webhooks";

/**
 * Scopes of a bare `UUID` header with `DEBUG=True`: enough to act as buyer and as seller, and to inspect the system.
 * What affects other users (`refund`, `notify`, `webhooks`) needs a token, made with `npm run token`.
 */
export const DEBUG_SCOPES: readonly TokenScope[] = ["sell", "operate"];

/** Whether the token of `user` has `scope`. */
export const hasScope = ({ scopes }: Pick<User, "scopes">, scope: TokenScope): boolean => scopes.has(scope);

/** @throws {DomainError} forbidden `scope_missing` unless the token of `user` has `scope`; `what` begins the sentence, "Notifying others". */
export function requireScope(user: Pick<User, "scopes">, scope: TokenScope, what: string): void {
  if (hasScope(user, scope)) return;
  throw forbidden("scope_missing", `${what} needs a token with the scope \`${scope}\`.`);
}

/**
 * Whether `user` acts as the seller `sellerId`: the ids are equal, and the token has the scope `sell`. The id alone is not
 * enough, since the buyer chooses whom an order names as its seller.
 */
export const sellsAs = (user: Pick<User, "id" | "scopes">, sellerId: string | null): boolean =>
  sellerId === user.id && hasScope(user, "sell");
