// Refusals of a token (RFC 6750, 3).

import { Problem } from "../core/problem.ts";

/** 401 with the challenge that says why. */
export const unauthorized = (code: string, detail: string): Problem =>
  new Problem(401, code, detail, {
    headers: { "www-authenticate": `Bearer realm="cfmp-order", error="${code}"` },
  });

/** 401 `token_invalid`, which says no more: whoever guesses learns nothing of how near they were. */
export const invalid = (): Problem => unauthorized("token_invalid", "The token is not valid here.");
