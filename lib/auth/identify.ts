// From request headers to a caller, by the access a route declares.

import type { Access } from "../contract/route.ts";
import { Problem } from "../core/problem.ts";
import { ANONYMOUS, type Caller, type User } from "./caller.ts";
import { DEBUG_SCOPES } from "./scopes.ts";
import { type Tokens, unauthorized } from "./tokens.ts";

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;
const BARE_USER = /^[\w.:@|-]{1,128}$/;

/** The user of a request without any credentials while `DEBUG=True`, so that a first `curl` works. */
const DEMO_USER = "demo";

/**
 * Who sent a request with these headers (lower-case names) to a route of this access.
 * With `debug`, a bare `UUID: <user id>` header is believed and no header at all means the user `demo`; both have
 * {@link DEBUG_SCOPES}.
 * @throws {Problem} 401 without a valid token; a person's token is none on an internal route, nor a service's elsewhere.
 */
export async function identify(
  access: Access,
  headers: Readonly<Record<string, string | undefined>>,
  tokens: Tokens,
  debug: boolean,
): Promise<Caller> {
  if (access === "public" || access === "signed") return ANONYMOUS;
  const authorization = headers["authorization"];
  const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
  if (access === "service") {
    if (token === undefined)
      throw unauthorized("token_missing", "This route is for services of this system only.");
    return { kind: "service", name: await tokens.verifyService(token) };
  }
  if (token !== undefined) return tokens.verifyUser(token);
  if (authorization !== undefined)
    throw unauthorized("token_invalid", "The Authorization header is not a bearer token.");
  if (debug) return debugUser(headers["uuid"]);
  throw unauthorized("token_missing", "Send `Authorization: Bearer <token>`.");
}

function debugUser(id: string | undefined): User {
  if (id !== undefined && !BARE_USER.test(id)) {
    throw new Problem(
      401,
      "user_invalid",
      "The UUID header may have letters, digits and . : @ | _ - only, 128 at most.",
    );
  }
  return { kind: "user", id: id ?? DEMO_USER, scopes: new Set(DEBUG_SCOPES) };
}

/** The caller of a route whose access is `user`. */
export function requireUser(caller: Caller): User {
  if (caller.kind !== "user") throw unauthorized("token_missing", "This route needs a person's token.");
  return caller;
}
