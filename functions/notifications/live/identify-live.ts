// Who opens a live connection. A browser can't set headers for it, so the token may come as a subprotocol; never in the URL, which is logged.

import { decodeJwt } from "jose/jwt/decode";
import type { User } from "../../../lib/auth/caller.ts";
import { identifyUser } from "../../../lib/auth/identify.ts";
import type { Tokens } from "../../../lib/auth/tokens.ts";
import { forbidden, malformed } from "../../../lib/core/domain-error.ts";
import { LIVE_PROTOCOL } from "./frames.ts";

const BEARER = "bearer.";

export interface LiveCaller {
  readonly user: User;
  /** The subprotocol that was chosen; undefined when the client offered none. */
  readonly protocol: string | undefined;
  /** Epoch seconds at which the token expires; undefined without a token. */
  readonly expires: number | undefined;
}

/**
 * The user of a request for a connection: by `Authorization`, or by the subprotocol `bearer.<token>` beside `cfmp.v1`.
 * @throws {DomainError} unauthenticated; malformed `subprotocol_unknown`.
 */
export async function identifyLive(
  headers: Readonly<Record<string, string | undefined>>,
  tokens: Tokens,
  debug: boolean,
): Promise<LiveCaller> {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const protocols = offered.filter((name) => name !== "");
  if (protocols.length > 0 && !protocols.includes(LIVE_PROTOCOL))
    throw malformed("subprotocol_unknown", `The subprotocol is ${LIVE_PROTOCOL}.`);
  const bearer = protocols.find((name) => name.startsWith(BEARER))?.slice(BEARER.length);
  const { uuid } = headers;
  const authorization = bearer === undefined ? headers["authorization"] : `Bearer ${bearer}`;
  const user = await identifyUser({ authorization, uuid }, tokens, debug);
  const token = authorization?.replace(/^Bearer /i, "");
  return {
    user,
    protocol: protocols.length > 0 ? LIVE_PROTOCOL : undefined,
    expires: token === undefined ? undefined : decodeJwt(token).exp,
  };
}

/** API Gateway does not check origins; elsewhere the listener has. @throws {DomainError} forbidden `origin_not_allowed`. */
export function checkOrigin(origin: string | undefined, allowed: readonly string[]): void {
  if (origin === undefined || allowed.includes(origin)) return;
  throw forbidden("origin_not_allowed", "Pages of this origin are not allowed; see CORS_ORIGINS.");
}
