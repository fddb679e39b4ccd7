// One attempt of the gateway at one instance, sent by undici. The caller in lib/discovery decides what follows from the reply.
// undici frames every body itself, and closes a connection on which unrequested data arrives.

import type { Agent, Dispatcher } from "undici";
import type { SendAttempt } from "../../lib/discovery/call/call.ts";
import { type Attempt, AttemptFailed } from "../../lib/discovery/peer/attempt.ts";
import { startAttemptTimer } from "../../lib/discovery/peer/attempt-timer.ts";
import type { Body } from "./body.ts";
import { type GatewayReply, Incoming } from "./incoming.ts";

export interface Upstream extends SendAttempt<Body, GatewayReply> {
  close(): void;
}

/** Statuses after which another instance may be tried: such a reply is buffered, since it may not be the final one. */
const PERHAPS_UNUSED = [421, 502, 503, 504];
const HELD_BYTES = 64 * 1024;

const AGENT = {
  pipelining: 1,
  // Below the 5 s after which a service closes an idle connection.
  keepAliveTimeout: 4_000,
  connect: { timeout: 1_000 },
  // Each exchange has its own, exact limits.
  headersTimeout: 0,
  bodyTimeout: 0,
};

/** Resolves when a reply's head has arrived, within the attempt's time limit. The body has no limit here; see exchange.ts. */
export function createUpstream(): Upstream {
  let agent: Promise<Agent> | undefined;
  return {
    async send(attempt) {
      agent ??= import("undici").then((undici) => new undici.Agent(AGENT));
      return send(attempt, await agent);
    },
    close() {
      void agent?.then((open) => open.destroy());
    },
  };
}

async function send(attempt: Attempt<Body>, agent: Dispatcher): Promise<GatewayReply> {
  const { origin, path, method, body, signal } = attempt;
  const incoming = new Incoming();
  const cancel = () =>
    incoming.fail(new AttemptFailed("cancelled", incoming.sent, "cancelled by the client"));
  const inTime = startAttemptTimer(attempt, (waited) =>
    incoming.fail(new AttemptFailed("timeout", incoming.sent, `no reply within ${waited} ms`)),
  );
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    agent.dispatch({ origin, path, method, headers: sentHeaders(attempt), body: sentBody(body) }, incoming);
    return await held(await incoming.reply);
  } catch (cause) {
    throw cause instanceof AttemptFailed
      ? cause
      : new AttemptFailed("unreachable", false, String(cause), cause);
  } finally {
    inTime();
    signal?.removeEventListener("abort", cancel);
  }
}

/** Over TLS the `Host` is the server's own name, which its certificate must match. */
const sentHeaders = ({ origin, headers }: Attempt<Body>): Record<string, string> =>
  origin.startsWith("https:") ? { ...headers, host: new URL(origin).host } : headers;

const sentBody = (body: Body | undefined) => (body?.kind === "kept" ? body.bytes : (body?.stream ?? null));

async function held(reply: GatewayReply): Promise<GatewayReply> {
  const { body } = reply;
  if (!PERHAPS_UNUSED.includes(reply.status) || Buffer.isBuffer(body)) return reply;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > HELD_BYTES)
      throw new AttemptFailed("broken", true, `an error reply of more than ${HELD_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { ...reply, body: Buffer.concat(chunks, size) };
}
