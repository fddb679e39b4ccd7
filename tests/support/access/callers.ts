// Everybody who may knock at a door: honest people, a peer, and those with a wrong key in their hands.

import { randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { SECRET_KEY } from "../in-process.ts";
import type { Headers } from "../shop.ts";

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

/** The credentials with which the service `caller` calls `callee`. */
export const asService = async (caller: string, callee: string): Promise<Headers> =>
  bearer(await tokens.mintService(caller, callee));

/** A token with these claims, signed by the key for `purpose`. */
const signed = async (purpose: string, claims: Readonly<Record<string, unknown>>): Promise<Headers> =>
  bearer(
    await new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 60, ...claims })
      .setProtectedHeader({ alg: "HS256" })
      .sign(deriveKey(SECRET_KEY, purpose)),
  );

const YEAR_S = 365 * 24 * 3_600;

/** Makes the credentials for a request to the service `callee`. */
type Forge = (people: People, callee: string) => Headers | Promise<Headers>;

/** Credentials of nobody: each would be the buyer's, or a peer's, if it were believed. */
export const FORGED: Readonly<Record<string, Forge>> = {
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
  "a token whose subject is a list": ({ buyer }) => signed("user-token", { sub: [buyer], aud: "cfmp-order" }),
  "a token whose subject is a number": () => signed("user-token", { sub: 4711, aud: "cfmp-order" }),
  "a token that lives for a year": ({ buyer }) =>
    signed("user-token", { sub: buyer, aud: "cfmp-order", exp: Math.floor(Date.now() / 1_000) + YEAR_S }),
  "an expired service token": async (_, callee) =>
    bearer(await createTokens(settings, () => LONG_AGO).mintService("PaymentService", callee)),
  "a service token for another service": () => asService("PaymentService", "ElsewhereService"),
  "a service token for all services": () =>
    signed("service-token", { sub: "PaymentService", aud: "cfmp-order/internal" }),
  "a service token whose subject is a list": (_, callee) =>
    signed("service-token", { sub: ["PaymentService"], aud: `cfmp-order/internal/${callee}` }),
  "a person's key signing for services": (_, callee) =>
    signed("user-token", { sub: "PaymentService", aud: `cfmp-order/internal/${callee}` }),
  "no JWT at all": () => bearer("letmein"),
  "another scheme": ({ buyer }) => ({
    authorization: `Basic ${Buffer.from(`${buyer}:password`).toString("base64")}`,
  }),
};
