import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { PushClient } from "../../../lib/push-client/push-client.ts";
import { LiveClient, type LiveClientOptions } from "../../support/live-client.ts";
import { until } from "../../support/poll.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

let system: System;
let other: System & { readonly port: number };
const clients: LiveClient[] = [];
beforeAll(async () => {
  system = await startSystem();
  other = await startBeside(system, ["notifications"]);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await other?.cleanUp();
  await system?.cleanUp();
});

async function clientOf(options: LiveClientOptions): Promise<LiveClient> {
  const client = new LiveClient(options);
  clients.push(client);
  await until("it is ready", () => client.ready);
  return client;
}

/** Sends a notification to the user, and again until it is acknowledged: with one key it is one. */
async function notify(url: () => string, user: string, title: string): Promise<void> {
  const key = randomUUID();
  await until(`${title} is recorded`, async () => {
    const reply = await fetch(`${url()}/api/notifications/`, {
      method: "POST",
      headers: { "content-type": "application/json", uuid: user, "idempotency-key": key },
      body: JSON.stringify({ title, content: "c" }),
    }).catch(() => undefined);
    return reply?.status === 201;
  });
}

const titles = (count: number, prefix = "n") => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe("Live notifications", () => {
  test("reach all of a user's connections, at each instance and through the gateway, and nobody else's", async () => {
    const user = `ann-${randomUUID()}`;
    const [direct, through, elsewhere, stranger] = await Promise.all([
      clientOf({ url: () => system.urls.notifications, user }),
      clientOf({ url: () => system.gatewayUrl, user }),
      clientOf({ url: () => other.urls.notifications, user }),
      clientOf({ url: () => system.urls.notifications, user: `bob-${randomUUID()}` }),
    ]);
    for (const [n, title] of titles(20).entries())
      await notify(() => (n % 2 === 0 ? system : other).urls.notifications, user, title);
    for (const client of [direct, through, elsewhere]) {
      await until("all arrive", () => client.received.length === 20);
      expect(client.titles).toEqual(titles(20));
      expect(client.disorder).toEqual([]);
      expect(client.connections).toBe(1);
    }
    expect(stranger.received).toEqual([]);
  });

  test("arrive exactly once and in order although their instance is killed under load, again and again", async () => {
    const user = `ann-${randomUUID()}`;
    const all = [
      await clientOf({ url: () => system.gatewayUrl, user }),
      await clientOf({ url: () => other.urls.notifications, user }),
      await clientOf({ url: () => system.urls.notifications, user }),
    ];
    let sent = 0;
    let done = false;
    const load = (async () => {
      while (!done) {
        const batch = titles(4, `${sent}-`);
        await Promise.all(batch.map((title) => notify(() => system.gatewayUrl, user, title)));
        sent += batch.length;
      }
    })();
    for (let kills = 0; kills < 2; kills += 1) {
      const before = sent;
      await until("load goes on", () => sent > before + 20);
      await other.kill();
      await until("load goes on without it", () => sent > before + 40);
      const { port } = other;
      await other.cleanUp();
      const again = await startSystem({
        beside: system,
        args: ["--service", "notifications", "--httpPort", String(port)],
      });
      other = { ...again, port, urls: other.urls };
    }
    done = true;
    await load;
    for (const client of all) {
      // What an instance has recorded just before it was killed comes with the next ping at the latest.
      await until("all arrive", () => {
        client.ping();
        return client.received.length >= sent;
      });
      expect(new Set(client.titles).size).toBe(sent);
      expect(client.received.map(({ position }) => position)).toEqual(titles(sent).map((_, n) => n + 1));
      expect(client.disorder).toEqual([]);
      expect(client.titles).toEqual(all[0]?.titles);
    }
  });

  test("go to 20 connections of a user, of 36 that are opened at once at both instances and the gateway", async () => {
    const user = `ann-${randomUUID()}`;
    const urls = [system.urls.notifications, other.urls.notifications, system.gatewayUrl];
    const sockets: WebSocket[] = [];
    const open = (n: number) => {
      const url = `${urls[n % urls.length]?.replace("http", "ws")}/api/notifications/live/`;
      const socket = new WebSocket(url, ["cfmp.v1"], { headers: { uuid: user } });
      sockets.push(socket);
      return new Promise<number | undefined>((resolve) => {
        socket.on("error", () => resolve(undefined));
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
      });
    };
    const outcomes = await Promise.all(
      Array.from({ length: 36 }, (_, n) =>
        // A busy machine refuses what it has no time for: 503, which is no answer to this question.
        until(`connection ${n} is opened or refused`, async () => {
          const status = await open(n);
          return status !== 503 && status;
        }),
      ),
    );
    for (const socket of sockets) socket.terminate();
    expect(outcomes.filter((status) => status === 101)).toHaveLength(20);
    expect(outcomes.filter((status) => status !== 101)).toEqual(Array(16).fill(429));
  });

  test("end with the token of their connection, also when nobody says anything, and go on with another one", async () => {
    const user = `ann-${randomUUID()}`;
    const SECRET_KEY = readFileSync(join(system.dataDir, "secret-key"), "utf8").trim();
    const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
    const client = new PushClient({
      url: `${system.gatewayUrl.replace("http", "ws")}/api/notifications/live/`,
      token: () => tokens.mintUser({ sub: user }, 5),
      pingMs: 600_000,
      backOff: { first: 10, longest: 10 },
      open: (url, protocols) => {
        const socket = new globalThis.WebSocket(url, protocols);
        // A busy machine may open none before the token has expired: that is tried again.
        socket.addEventListener("open", () =>
          socket.addEventListener("close", ({ code }) => void codes.push(code)),
        );
        return socket;
      },
    });
    const codes: number[] = [];
    const got: string[] = [];
    client.on("notification", ({ notification }) => void got.push(notification.title));
    await until("it is live", () => client.state === "live");
    await until("it is ended", () => codes.length > 0);
    expect(codes[0]).toBe(4401);
    await until("it is live again", () => client.state === "live");
    await notify(() => system.urls.notifications, user, "after");
    await until("it arrives", () => got.length > 0);
    client.close();
    expect(got).toEqual(["after"]);
  });

  test("are refused to pages of other origins, without a subprotocol that is known, and elsewhere", async () => {
    const status = (path: string, protocols: readonly string[], headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve) => {
        const url = system.urls.notifications.replace("http", "ws");
        const socket = new WebSocket(`${url}${path}`, protocols, { headers });
        socket.on("error", () => resolve(undefined));
        socket.on("open", () => {
          socket.terminate();
          resolve(101);
        });
        socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
      });
    const live = "/api/notifications/live/";
    expect(await status(live, ["cfmp.v1"], {})).toBe(101);
    expect(await status(live, ["cfmp.v1"], { origin: "https://elsewhere.example" })).toBe(403);
    expect(await status(live, ["cfmp.v1", "bearer.wrong"], {})).toBe(401);
    expect(await status(live, ["cfmp.v9"], {})).toBe(400);
    expect(await status("/api/notifications/", ["cfmp.v1"], {})).toBe(404);
  });

  test("end with 1001 when their instance stops, and continue at another one", async () => {
    const user = `ann-${randomUUID()}`;
    const client = await clientOf({ url: () => system.gatewayUrl, user });
    const last = await clientOf({ url: () => other.urls.notifications, user });
    await notify(() => system.urls.notifications, user, "before");
    await until("it arrives", () => last.received.length === 1 && client.received.length === 1);
    await other.stop();
    expect(last.closes[0]).toBe(1001);
    await notify(() => system.urls.notifications, user, "after");
    await until("it arrives", () => client.received.length === 2);
    expect(client.disorder).toEqual([]);
  });
});
