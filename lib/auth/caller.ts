// Who sends a request: a user, another service of this system, or an anonymous caller.

import type { Locale } from "../core/locales.ts";

export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "service"; readonly name: string }
  | User;

export interface User {
  readonly kind: "user";
  readonly id: string;
  /** Verified address from the token; the only address mail is sent to. */
  readonly email?: string;
  /** Their language, from the token. */
  readonly locale?: Locale;
  readonly scopes: ReadonlySet<string>;
}

export const ANONYMOUS: Caller = { kind: "anonymous" };
