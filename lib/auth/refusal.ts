// A token that is refused.

import { type DomainError, unauthenticated } from "../core/domain-error.ts";

/** `token_invalid`, which says no more: whoever guesses learns nothing of how near they were. */
export const invalid = (): DomainError => unauthenticated("token_invalid", "The token is not valid here.");
