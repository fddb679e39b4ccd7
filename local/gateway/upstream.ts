// One attempt of the gateway at one instance: httpxy sends it, the caller of lib/discovery judges what comes of it.

import { Agent, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { proxyFetch } from "httpxy";
import type { ReplyHead, SendAttempt } from "../../lib/discovery/call/call.ts";
import { startAttemptTimer } from "../../lib/discovery/peer/attempt-timer.ts";
import { type Attempt, AttemptFailed } from "../../lib/discovery/peer/peer-http.ts";
import type { Body } from "./body.ts";

/** A reply whose head has come. */
export interface GatewayReply extends ReplyHead {
  /** Names and values by turns, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** Undefined when the status allows none. */
  readonly body: Readable | Buffer | undefined;
}

export interface Upstream extends SendAttempt<Body, GatewayReply> {
  close(): void;
}

/** Replies that make the caller go elsewhere, so they are small and may have to wait for the outcome. */
const PERHAPS_UNUSED = [421, 502, 503, 504];
const HELD_BYTES = 64 * 1024;

/** Resolves when a reply's head has come, within the attempt's time; what follows has no limit but the client's patience. */
export function createUpstream(): Upstream {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  return {
    send: (attempt) => send(attempt, agent),
    close: () => agent.destroy(),
  };
}

async function send(attempt: Attempt<Body>, agent: Agent): Promise<GatewayReply> {
  const { origin, path, method, headers, body, signal } = attempt;
  const late = new AbortController();
  let waited = 0;
  const inTime = startAttemptTimer(attempt, (milliseconds) => {
    waited = milliseconds;
    late.abort();
  });
  const secure = origin.startsWith("https:");
  try {
    const init = { method, headers, signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal };
    const reply = await proxyFetch(
      origin,
      origin + path,
      body === undefined ? init : { ...init, body: sent(body) },
      // A TLS server is asked by its own name, or its certificate would not fit.
      { changeOrigin: secure, Response: UnreadResponse, ...(secure ? {} : { agent }) },
    );
    return await toReply(reply);
  } catch (cause) {
    throw failure(cause, { cancelled: signal?.aborted === true, late: late.signal.aborted, waited });
  } finally {
    inTime();
  }
}

/** Hands out the reply as it comes from the connection, where a plain Response would copy it through a web stream. */
class UnreadResponse extends Response {
  readonly incoming: IncomingMessage | undefined;

  constructor(...[body, init]: ConstructorParameters<typeof Response>) {
    super(null, init);
    this.incoming = body instanceof IncomingMessage ? body : undefined;
  }
}

async function toReply(reply: Response): Promise<GatewayReply> {
  const { status } = reply;
  const incoming = reply instanceof UnreadResponse ? reply.incoming : undefined;
  const headers = Object.fromEntries(reply.headers);
  const rawHeaders = incoming?.rawHeaders ?? [...reply.headers].flat();
  if (incoming === undefined || !PERHAPS_UNUSED.includes(status)) {
    return { status, headers, rawHeaders, body: incoming };
  }
  return { status, headers, rawHeaders, body: await held(incoming) };
}

async function held(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > HELD_BYTES) throw new Error(`a refusal of more than ${HELD_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const sent = (body: Body) =>
  body.kind === "kept" ? new Uint8Array(body.bytes) : Readable.toWeb(body.stream);

interface Ending {
  readonly cancelled: boolean;
  readonly late: boolean;
  readonly waited: number;
}

function failure(cause: unknown, { cancelled, late, waited }: Ending): AttemptFailed {
  if (cancelled) return new AttemptFailed("cancelled", true, "the client gave up", cause);
  const connecting =
    typeof cause === "object" && cause !== null && "syscall" in cause && cause.syscall === "connect";
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (connecting) return new AttemptFailed("unreachable", false, reason, cause);
  if (late) return new AttemptFailed("timeout", true, `no reply within ${waited} ms`, cause);
  return new AttemptFailed("broken", true, reason, cause);
}
