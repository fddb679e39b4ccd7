// The registry's one account, and the tokens of those who logged in with it: JSON Web Tokens as Nacos issues them.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parseJsonObject } from "../../lib/core/tried.ts";
import { AccessDenied } from "./request-error.ts";

/** `NACOS_USERNAME` and `NACOS_PASSWORD`. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** What a client sends to show who it is: a token, or else the account itself, as Nacos accepts it with every request. */
export interface Credentials {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface Login {
  readonly username: string;
  readonly accessToken: string;
  /** Seconds. */
  readonly tokenTtl: number;
}

/** Checks the credentials of one request, by whatever protocol it arrived. @throws {AccessDenied} */
export type CheckAccess = (credentials: Credentials) => void;

/** Seconds. Nacos' default. */
export const TOKEN_TTL_S = 18_000;

const HEADER = encoded({ alg: "HS256" });
const WRONG_ACCOUNT = "User not found! Please check user exist or password is right!";

export interface AccountsOptions {
  /** Undefined: everybody gets a token, and nobody needs one. */
  readonly account: Account | undefined;
  /** Signs the tokens; they are valid as long as it and the account are the same. */
  readonly key: Buffer;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Tokens are signed, not stored: any number of logins takes no memory, and a token outlives a restart of the registry. */
export class Accounts {
  readonly #account: Account | undefined;
  readonly #key: Buffer;
  readonly #clock: () => number;

  constructor({ account, key, clock }: AccountsOptions) {
    this.#account = account;
    this.#clock = clock;
    // Another password makes earlier tokens invalid.
    this.#key = createHmac("sha256", key)
      .update(JSON.stringify(account ?? {}))
      .digest();
  }

  /** Issues a token. @throws {AccessDenied} for a wrong name or password, and where one of them is missing. */
  login({ username, password }: Credentials): Login {
    if (!username || !password || !this.#isAccount(username, password)) throw new AccessDenied(WRONG_ACCOUNT);
    const expires = Math.floor(this.#clock() / 1_000) + TOKEN_TTL_S;
    const signed = `${HEADER}.${encoded({ sub: username, exp: expires })}`;
    return { username, accessToken: `${signed}.${this.#signature(signed)}`, tokenTtl: TOKEN_TTL_S };
  }

  /** See {@link CheckAccess}. Without an account everything is accepted. */
  readonly check: CheckAccess = ({ token, username = "", password = "" }) => {
    if (this.#account === undefined) return;
    if (token) this.#checkToken(token);
    else if (!this.#isAccount(username, password))
      throw new AccessDenied(`Code: 401, Message: ${WRONG_ACCOUNT}.`);
  };

  #checkToken(token: string): void {
    const [header = "", payload = "", signature = ""] = token.split(".");
    if (!same(signature, this.#signature(`${header}.${payload}`))) throw new AccessDenied("token invalid!");
    const { exp } = parseJsonObject(Buffer.from(payload, "base64url").toString()) ?? {};
    if (!(Number(exp) * 1_000 > this.#clock())) throw new AccessDenied("token expired!");
  }

  #isAccount(username: string, password: string): boolean {
    if (this.#account === undefined) return true;
    // Both are compared, so that the time taken does not tell which one is wrong.
    const isUser = same(username, this.#account.username);
    return same(password, this.#account.password) && isUser;
  }

  #signature(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

/** Compares in a time that does not depend on where the two differ, nor on their lengths. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
