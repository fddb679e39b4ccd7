// The terms under which histories run.

import type { TokenScope } from "../../../lib/auth/scopes.ts";

export const START = Date.parse("2026-11-01T12:00:00.000Z");

/** An order expires before an attempt to pay it does, so that the two meet. Milliseconds. */
export const ORDER_LIFETIME = 10 * 60_000;
export const ATTEMPT_LIFETIME = 15 * 60_000;

export const SANDBOX_SECRET = "the sandbox's secret";

/** Who takes part. Ann and Bob buy, Sal sells, Ray may refund, Eve is a party of nothing. */
export type UserName = "ann" | "bob" | "sal" | "ray" | "eve";

const NAMES: readonly string[] = ["ann", "bob", "sal", "ray", "eve"] satisfies UserName[];

const isUserName = (name: string): name is UserName => NAMES.includes(name);

/** The user of that id; Eve for one that nobody has. */
export const userNamed = (id: string | undefined): UserName =>
  id !== undefined && isUserName(id) ? id : "eve";

export const BUYERS = ["ann", "bob"] as const;
export const SELLER = "sal";

/** Scopes of users' tokens. */
export const SCOPES: Readonly<Partial<Record<UserName, readonly TokenScope[]>>> = {
  sal: ["sell"],
  ray: ["refund"],
};

/** Addresses in users' tokens. */
export const EMAILS: Readonly<Partial<Record<UserName, string>>> = { ann: "ann@example.com" };
