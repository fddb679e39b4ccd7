// Determines the caller from the request headers, as the route's access requires.

import type { Route } from "../contract/route.ts";
import { forbidden, unauthenticated } from "../core/domain-error.ts";
import { ANONYMOUS, type Caller, type User } from "./caller.ts";
import { DEBUG_SCOPES } from "./scopes.ts";
import type { Tokens } from "./tokens.ts";

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;
const BARE_USER = /^[\w.:@|-]{1,128}$/;

/** The user of a request without any credentials while `DEBUG=True`, so that a first `curl` works. */
const DEMO_USER = "demo";

const DEMO_SCOPES: ReadonlySet<string> = new Set(DEBUG_SCOPES);

/** Header values by lower-case name. */
type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The caller of a request with these headers to this route of `service`.
 * @throws {DomainError} unauthenticated without a valid token: internal routes take service tokens only, all others user tokens only;
 * forbidden `caller_not_allowed` for a service that the contract does not list among the route's callers.
 */
export async function identify(
  { access, callers = [] }: Pick<Route, "access" | "callers">,
  service: string,
  headers: Headers,
  tokens: Tokens,
  debug: boolean,
): Promise<Caller> {
  if (access === "user") return identifyUser(headers, tokens, debug);
  if (access !== "service") return ANONYMOUS;
  const token = bearerOf(headers);
  if (token === undefined)
    throw unauthenticated("token_missing", "This route is for services of this system only.");
  const name = await tokens.verifyService(token, service);
  if (!callers.includes(name)) throw forbidden("caller_not_allowed", "This route is for other services.");
  return { kind: "service", name };
}

/**
 * The user who sent these headers. With `debug`, a bare `UUID: <user id>` header is accepted without proof, and a request
 * without credentials comes from the user `demo`; both have {@link DEBUG_SCOPES}.
 * @throws {DomainError} unauthenticated without a valid token.
 */
export async function identifyUser(headers: Headers, tokens: Tokens, debug: boolean): Promise<User> {
  const token = bearerOf(headers);
  if (token !== undefined) return tokens.verifyUser(token);
  if (headers["authorization"] !== undefined)
    throw unauthenticated("token_invalid", "The Authorization header is not a bearer token.");
  if (debug) return debugUser(headers["uuid"]);
  throw unauthenticated("token_missing", "Send `Authorization: Bearer <token>`.");
}

const bearerOf = ({ authorization }: Headers): string | undefined =>
  authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];

function debugUser(id: string | undefined): User {
  if (id !== undefined && !BARE_USER.test(id)) {
    throw unauthenticated(
      "user_invalid",
      "The UUID header may have letters, digits and . : @ | _ - only, 128 at most.",
    );
  }
  return { kind: "user", id: id ?? DEMO_USER, scopes: DEMO_SCOPES };
}

/** The user who calls a route whose access is `user`. @throws {DomainError} unauthenticated for any other caller. */
export function requireUser(caller: Caller): User {
  if (caller.kind !== "user") throw unauthenticated("token_missing", "This route needs a user's token.");
  return caller;
}
