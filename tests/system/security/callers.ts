// Everybody who may knock at a door: honest people, a peer, and those with a wrong key in their hands.

import { randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { createTokens } from "../../../lib/auth/tokens.ts";
import type { Headers } from "../../support/shop.ts";
import { SECRET_KEY } from "./world.ts";

/** The people of one story; names are new each time. */
export interface People {
  readonly buyer: string;
  readonly seller: string;
  readonly stranger: string;
}

export function newPeople(): People {
  const story = randomUUID();
  return { buyer: `buyer-${story}`, seller: `seller-${story}`, stranger: `stranger-${story}` };
}

const settings = { SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" };
const tokens = createTokens(settings);
const LONG_AGO = Date.now() - 3_600_000;
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** A person's credentials. */
export const as = async (sub: string, more: { email?: string; scope?: string } = {}): Promise<Headers> =>
  bearer(await tokens.mintUser({ sub, ...more }, 600));

/** A peer's. */
export const asService = async (name = "PaymentService"): Promise<Headers> =>
  bearer(await tokens.mintService(name));

/** Credentials of nobody: each would be the buyer's, or a peer's, if it were believed. */
export const FORGED: Readonly<Record<string, (people: People) => Headers | Promise<Headers>>> = {
  "an expired token": async ({ buyer }) => bearer(await tokens.mintUser({ sub: buyer }, -60)),
  "a token for another audience": async ({ buyer }) =>
    bearer(await createTokens({ ...settings, TOKEN_AUDIENCE: "elsewhere" }).mintUser({ sub: buyer }, 600)),
  "a token signed by someone else": async ({ buyer }) =>
    bearer(
      await createTokens({ ...settings, SECRET_KEY: "a key that is not ours" }).mintUser({ sub: buyer }, 600),
    ),
  "a token with alg none": ({ buyer }) =>
    bearer(
      new UnsecuredJWT({ sub: buyer })
        .setAudience("cfmp-order")
        .setExpirationTime("10m")
        .setIssuedAt()
        .encode(),
    ),
  "a token without an end": async ({ buyer }) =>
    bearer(
      await new SignJWT({ sub: buyer })
        .setProtectedHeader({ alg: "HS256" })
        .setAudience("cfmp-order")
        .sign(deriveKey(SECRET_KEY, "user-token")),
    ),
  "an expired service token": async () =>
    bearer(await createTokens(settings, () => LONG_AGO).mintService("PaymentService")),
  "a person's key signing for services": async () =>
    bearer(
      await new SignJWT({ sub: "PaymentService" })
        .setProtectedHeader({ alg: "HS256" })
        .setAudience("cfmp-order/internal")
        .setExpirationTime("1m")
        .sign(deriveKey(SECRET_KEY, "user-token")),
    ),
  "no JWT at all": () => bearer("letmein"),
  "another scheme": ({ buyer }) => ({
    authorization: `Basic ${Buffer.from(`${buyer}:password`).toString("base64")}`,
  }),
};
