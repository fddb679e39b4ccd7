// From request headers to a caller, by the access a route declares.

import type { Route } from "../contract/route.ts";
import { forbidden, unauthenticated } from "../core/domain-error.ts";
import { ANONYMOUS, type Caller, type User } from "./caller.ts";
import { DEBUG_SCOPES } from "./scopes.ts";
import type { Tokens } from "./tokens.ts";

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;
const BARE_USER = /^[\w.:@|-]{1,128}$/;

/** The user of a request without any credentials while `DEBUG=True`, so that a first `curl` works. */
const DEMO_USER = "demo";

/** Header values by lower-case name. */
type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Who sent a request with these headers to this route of `service`.
 * @throws {DomainError} unauthenticated without a valid token; a person's token is none on an internal route, nor a service's elsewhere.
 * 403 `caller_not_allowed` for a service that the contract does not name as a caller of the route.
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
 * The person who sent these headers. With `debug`, a bare `UUID: <user id>` header is believed and no header at all means
 * the user `demo`; both have {@link DEBUG_SCOPES}.
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
  return { kind: "user", id: id ?? DEMO_USER, scopes: new Set(DEBUG_SCOPES) };
}

/** The caller of a route whose access is `user`. */
export function requireUser(caller: Caller): User {
  if (caller.kind !== "user") throw unauthenticated("token_missing", "This route needs a person's token.");
  return caller;
}
