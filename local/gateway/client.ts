// For whom a request counts: the user who proved to be one, else the address it came from.

import type { IncomingMessage } from "node:http";
import { identifyUser } from "../../lib/auth/identify.ts";
import type { Tokens } from "../../lib/auth/tokens.ts";

/** Never an address that a header tells: anyone can write one. A name without a proof counts for the address as well. */
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
