// Links by which a reader unsubscribes from promotion without a log-in (RFC 8058). They are signed, and valid for as long as the
// key that signed them, since mails are read late.

import { openText, sealText } from "../../lib/auth/signed-text.ts";
import { notifications } from "./contract.ts";

export interface UnsubscribeLinks {
  /** The link for a user's mails; undefined when the settings have no public address. */
  urlFor(userId: string): string | undefined;
  /** The user of a link's token; undefined for any other text. */
  userOf(token: string): string | undefined;
}

const SCOPE = ["unsubscribe", "promotion"];

/** Links below `base`, signed with the first of `keys`; those that the others signed are valid as well. */
export const unsubscribeLinks = (
  keys: readonly Uint8Array[],
  base: string | undefined,
): UnsubscribeLinks => ({
  urlFor(userId) {
    if (base === undefined) return undefined;
    const token = sealText(keys, SCOPE, userId);
    return `${base.replace(/\/+$/, "")}${notifications.routes.unsubscribe.path}?token=${token}`;
  },
  userOf: (token) => openText(keys, SCOPE, token),
});
