// The client for which a request counts in the rate limit: the authenticated user, else the address of the connection.

import type { IncomingMessage } from "node:http";
import { identifyUser } from "../../lib/auth/identify.ts";
import type { Tokens } from "../../lib/auth/tokens.ts";

/** Never an address from a header, which anyone can write. A `UUID` header, which proves nothing, counts for the address. */
export async function clientOf(
  { headers, socket }: IncomingMessage,
  tokens: Tokens,
  debug: boolean,
): Promise<string> {
  const address = `address ${socket.remoteAddress}`;
  const uuid = debug ? headers["uuid"] : undefined;
  const { authorization } = headers;
  if (authorization === undefined && typeof uuid !== "string") return address;
  const credentials = { authorization, ...(typeof uuid === "string" ? { uuid } : {}) };
  const user = await identifyUser(credentials, tokens, debug).catch(() => undefined);
  return user ? `user ${user.id}` : address;
}
