// What a person's token allows beyond their own things: its scopes (RFC 8693, 4.2), and how handlers ask for them.

import { forbidden } from "../core/domain-error.ts";
import type { User } from "./caller.ts";

/**
 * `sell`: acts as the seller of orders that name them. `refund`: gives back any payment. `notify`: notifies anyone.
 * `operate`: sees addresses and process ids of instances.
 */
export type TokenScope = "sell" | "refund" | "notify" | "operate";

/**
 * What a bare `UUID` header allows with `DEBUG=True`: to act as buyer and seller by turns, and to look at the system.
 * Not what reaches strangers' things (`refund`, `notify`): for these, a token is made with `npm run token`.
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
 * Whether `user` acts as the seller `sellerId`: they are named, and their token says that they sell. Being named is not
 * enough, since whoever places an order names its seller.
 */
export const sellsAs = (user: Pick<User, "id" | "scopes">, sellerId: string | null): boolean =>
  sellerId === user.id && hasScope(user, "sell");
