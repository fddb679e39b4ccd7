// The error for a token that is refused.

import { type DomainError, unauthenticated } from "../core/domain-error.ts";

/** `token_invalid`. It gives no reason, so that an attacker learns nothing from it. */
export const invalid = (): DomainError => unauthenticated("token_invalid", "The token is not valid here.");
