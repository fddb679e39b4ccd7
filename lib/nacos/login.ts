// The token of a login with an account: got when it is needed first, renewed in time, replaced when it is refused.

import { fieldsOf } from "../core/fields.ts";
import type { PlainReply } from "../core/kept-http.ts";

type Reply = Pick<PlainReply, "status" | "data">;

export interface LoginOptions {
  /** Sends the account to a path of the server. Rejects when the server does not answer. */
  readonly send: (path: string) => Promise<Reply>;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** Milliseconds after which a login that was refused, or that failed, is tried again. */
const AGAIN_MS = 5_000;

interface Token {
  /** Undefined when the server issued none. */
  readonly text: string | undefined;
  readonly renewAt: number;
  readonly expiresAt: number;
}

export class NacosLogin {
  readonly #options: LoginOptions;
  #token: Token | undefined;
  #renewing: Promise<Token> | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /**
   * The token, renewed when four fifths of its lifetime have passed; one that can't be renewed is used until it expires. A refused login
   * is not an error here: a server without accounts refuses it but accepts all requests; one with accounts will answer 403.
   * @throws {Error} when the server does not answer.
   */
  async token(): Promise<string | undefined> {
    if (this.#token === undefined || this.#options.clock() >= this.#token.renewAt) {
      this.#renewing ??= this.#renewed(this.#token).finally(() => {
        this.#renewing = undefined;
      });
      this.#token = await this.#renewing;
    }
    return this.#token.text;
  }

  /**
   * Forgets a token that was refused: it may have expired or been revoked, or the server restarted with another signing key. Whether
   * to send the request again: not when it was sent without a token, since another login would change nothing. Of several requests
   * that were sent with the same token, the first one that is refused leads to a new login, and all are sent again.
   */
  forget(refused: string | undefined): boolean {
    if (this.#token?.text === refused) this.#token = undefined;
    return refused !== undefined;
  }

  async #renewed(before: Token | undefined): Promise<Token> {
    const now = this.#options.clock();
    const isValid = before?.text !== undefined && now < before.expiresAt;
    const kept = isValid ? { ...before, renewAt: now + AGAIN_MS } : undefined;
    try {
      const login = await this.#login();
      return login.text === undefined ? (kept ?? login) : login;
    } catch (cause) {
      if (kept === undefined) throw cause;
      return kept;
    }
  }

  /** Logs in by v3's path if it exists: v1's path answers 500 to a wrong password, and is missing where v1 is. */
  async #login(): Promise<Token> {
    const reply = await this.#options.send("/nacos/v3/auth/user/login");
    const unsupported = [404, 410, 501].includes(reply.status);
    return this.#tokenOf(unsupported ? await this.#options.send("/nacos/v1/auth/login") : reply);
  }

  #tokenOf({ status, data }: Reply): Token {
    const now = this.#options.clock();
    if (status !== 200) return { text: undefined, renewAt: now + AGAIN_MS, expiresAt: now };
    const { accessToken, tokenTtl } = fieldsOf(JSON.parse(data));
    if (typeof accessToken !== "string" || typeof tokenTtl !== "number" || !(tokenTtl > 0)) {
      throw new TypeError("the login's reply has no token");
    }
    return { text: accessToken, renewAt: now + tokenTtl * 800, expiresAt: now + tokenTtl * 1_000 };
  }
}
