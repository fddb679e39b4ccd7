// A push service as browsers' vendors run one (RFC 8030), on loopback by https: it opens what it gets for its browsers.

import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthority, makeCertificate } from "./certificates.ts";
import { PushBrowser, readVapid, type VapidClaims } from "./push-browser.ts";

/** A message that was accepted. */
export interface Pushed {
  readonly browser: PushBrowser;
  /** The notification, as a service worker gets it. */
  readonly message: Readonly<Record<string, unknown>>;
  readonly ttl: string | undefined;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  readonly vapid: VapidClaims;
  /** Length of the body as it was sent. */
  readonly bytes: number;
}

export interface PushAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PushService {
  readonly origin: string;
  /** The authority that signed its certificate, PEM. */
  readonly ca: string;
  readonly pushed: readonly Pushed[];
  /** How often it was asked, refusals included. */
  readonly requests: number;
  /** A browser that has subscribed here. */
  subscribe(): PushBrowser;
  /** Decides about each message; without it every one of a known browser is accepted. Undefined: no reply at all. */
  answer: (browser: PushBrowser) => PushAnswer | undefined;
  close(): Promise<void>;
}

const ACCEPTED: PushAnswer = { status: 201 };

export async function startPushService(): Promise<PushService> {
  const authority = makeAuthority();
  const { cert, key } = makeCertificate("push", { names: ["127.0.0.1", "localhost"], issuer: authority });
  const browsers = new Map<string, PushBrowser>();
  const pushed: Pushed[] = [];
  let requests = 0;
  const server = createServer({ cert, key }, async (request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const browser = browsers.get(request.url ?? "");
    if (browser === undefined) return response.writeHead(404).end();
    const answer = service.answer(browser);
    if (answer === undefined) return request.socket.destroy();
    if (answer.status < 300) {
      const { ttl, urgency, topic, authorization, "content-encoding": encoding } = request.headers;
      if (request.method !== "POST" || encoding !== "aes128gcm" || ttl === undefined)
        return response.writeHead(400).end();
      pushed.push({
        browser,
        message: JSON.parse(browser.decrypt(body)),
        ttl: ttl.toString(),
        urgency: urgency?.toString(),
        topic: topic?.toString(),
        vapid: readVapid(authorization),
        bytes: body.length,
      });
    }
    return response.writeHead(answer.status, { ...answer.headers }).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port }: Pick<AddressInfo, "port"> = addressOf(server.address());
  const origin = `https://127.0.0.1:${port}`;
  const service: PushService = {
    origin,
    ca: authority.cert,
    pushed,
    get requests() {
      return requests;
    },
    subscribe() {
      const path = `/push/${browsers.size + 1}`;
      const browser = new PushBrowser(`${origin}${path}`);
      browsers.set(path, browser);
      return browser;
    },
    answer: () => ACCEPTED,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return service;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("It has no port");
  return address;
}
