// One attempt of the gateway at one instance: undici sends it, the caller of lib/discovery judges what comes of it.
// undici frames every body itself, and gives up a connection on which anything came that was not asked for.

import type { Agent, Dispatcher } from "undici";
import type { SendAttempt } from "../../lib/discovery/call/call.ts";
import { startAttemptTimer } from "../../lib/discovery/peer/attempt-timer.ts";
import { type Attempt, AttemptFailed } from "../../lib/discovery/peer/peer-http.ts";
import type { Body } from "./body.ts";
import { type GatewayReply, Incoming } from "./incoming.ts";

export interface Upstream extends SendAttempt<Body, GatewayReply> {
  close(): void;
}

/** Replies that make the caller go elsewhere, so they are small and may have to wait for the outcome. */
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

/** Resolves when a reply's head has come, within the attempt's time; what follows has no limit but the client's patience. */
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
  const cancel = () => incoming.fail(new AttemptFailed("cancelled", incoming.sent, "the client gave up"));
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

/** A TLS server is asked by its own name, or its certificate would not fit. */
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
      throw new AttemptFailed("broken", true, `a refusal of more than ${HELD_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { ...reply, body: Buffer.concat(chunks, size) };
}
