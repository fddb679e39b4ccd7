// Live connections through the gateway: the request to upgrade is sent to an instance that discovery chooses; when that one accepts,
// the gateway passes bytes both ways.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ServiceDefinition } from "../../functions/services.ts";
import { request as send } from "../../lib/core/node-http.ts";
import type { ReplyHead, SendAttempt } from "../../lib/discovery/call/call.ts";
import type { Discovery } from "../../lib/discovery/index.ts";
import { AttemptFailed } from "../../lib/discovery/peer/attempt.ts";
import { startAttemptTimer } from "../../lib/discovery/peer/attempt-timer.ts";
import { PeerUnavailable } from "../../lib/discovery/peer/peer.ts";
import { Problem } from "../../lib/http/problem.ts";
import { answerRaw } from "../shared/listener/unreadable.ts";
import type { UpgradeProtocol } from "../shared/listener/upgrade.ts";
import { GATEWAY } from "./exchange.ts";
import { replyHeaders, requestHeaders } from "./headers.ts";
import { textsOf } from "./incoming.ts";

/** Milliseconds within which an instance must have accepted. */
const ACCEPT_MS = 10_000;
/** Milliseconds for which both sides may end by themselves when the gateway stops. */
const END_MS = 1_500;

/** An instance's reply, and its connection when it has accepted. */
interface Accepted extends ReplyHead {
  readonly rawHeaders: readonly string[];
  readonly connection?: Duplex;
  readonly first: Buffer;
}

/** Passes connections for the WebSocket APIs of `services` on. */
export function upgradeForwarder(
  services: readonly ServiceDefinition[],
  discovery: Pick<Discovery, "callBy">,
): UpgradeProtocol {
  const call = discovery.callBy<string, Accepted>(upgradeSender);
  async function pass(connection: Duplex, request: IncomingMessage, first: Buffer): Promise<void> {
    const path = request.url ?? "/";
    const found = services.find(({ sockets }) => sockets !== undefined && isAt(path, sockets.path));
    if (found === undefined) throw new Problem(404, "route_not_found", "There is no live connection here.");
    const address = request.socket.remoteAddress ?? "unknown";
    const reply = await call(found.contract.service, {
      caller: GATEWAY,
      method: "GET",
      path,
      headers: requestHeaders(request.headers, { address, protocol: "http" }),
      retryable: true,
      deadline: performance.now() + ACCEPT_MS,
    });
    join(connection, reply, first);
  }
  return {
    protocol: "websocket",
    take(connection, request, first) {
      pass(connection, request, first).catch((error: unknown) =>
        answerRaw(error instanceof Problem ? error : refusalOf(error), request.headers, connection),
      );
      return { end: () => void setTimeout(() => connection.destroy(), END_MS).unref() };
    },
  };
}

const isAt = (url: string, path: string): boolean => {
  const [at = ""] = url.split("?", 1);
  return at === path || `${at}/` === path;
};

function refusalOf(error: unknown): Problem {
  if (!(error instanceof PeerUnavailable))
    return new Problem(502, "gateway_failed", "The gateway failed to pass the connection on.");
  const headers = { "retry-after": String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)) };
  const detail = `${error.service} has no instance that answers.`;
  return new Problem(503, "service_unavailable", detail, { headers });
}

/** Answers the client as the instance did; when it accepted, joins both connections until one of them ends. */
function join(client: Duplex, { status, rawHeaders, connection, first }: Accepted, early: Buffer): void {
  const lines = [`HTTP/1.1 ${status} ${status === 101 ? "Switching Protocols" : "Refused"}`];
  const headers = connection === undefined ? refusalHeaders(rawHeaders, first.length) : rawHeaders;
  for (let index = 0; index + 1 < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  client.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (first.length > 0) client.write(first);
  if (connection === undefined) {
    client.end();
    return;
  }
  if (early.length > 0) connection.write(early);
  client.pipe(connection);
  connection.pipe(client);
  // The instance is gone, or the client: the other one must see it.
  for (const [one, other] of [
    [client, connection],
    [connection, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.once("close", () => other.destroy());
  }
  if (client.destroyed) connection.destroy();
}

/** Those of a refusal, whose body is whole by now: how the instance framed it counts no more. */
const refusalHeaders = (raw: readonly string[], length: number): readonly string[] => {
  const kept = replyHeaders(raw);
  const isLength = (index: number) => kept[index]?.toLowerCase() === "content-length";
  const others = kept.filter((_, index) => !isLength(index - (index % 2)));
  return [...others, "content-length", String(length), "connection", "close"];
};

const upgradeSender: SendAttempt<string, Accepted> = {
  send: ({ origin, path, headers, timeout, moreTime }) =>
    new Promise((resolve, reject) => {
      let sent = false;
      const request = send(`${origin}${path}`, {
        headers: { ...headers, connection: "Upgrade", upgrade: "websocket" },
        agent: false,
      });
      // Where there is no other instance, one that is slow is waited for: many who connect at once make it slow.
      const inTime = startAttemptTimer({ timeout, moreTime }, (waited) => {
        reject(new AttemptFailed("timeout", sent, `not accepted within ${waited} ms`));
        request.destroy();
      });
      request.once("socket", (socket) =>
        socket.once("connect", () => {
          sent = true;
        }),
      );
      request.once("close", () => {
        inTime();
        // Of no effect after a reply; one that breaks off has neither an end nor an error of the request.
        reject(new AttemptFailed("broken", sent, "the connection ended before the reply did"));
      });
      request.once("upgrade", ({ statusCode = 101, headers, rawHeaders }, connection, first) => {
        inTime();
        resolve({ status: statusCode, headers: textsOf(headers), rawHeaders, connection, first });
      });
      request.once("response", (response) => {
        const { statusCode = 502, headers, rawHeaders } = response;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () =>
          resolve({
            status: statusCode,
            headers: textsOf(headers),
            rawHeaders,
            first: Buffer.concat(chunks),
          }),
        );
      });
      request.on("error", (cause) =>
        reject(new AttemptFailed(sent ? "broken" : "unreachable", sent, cause.message, cause)),
      );
      request.end();
    }),
};
