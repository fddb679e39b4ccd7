// A page in a real browser that uses lib/push-client: live, after its service was killed, after it was offline, and by Web Push
// through its service worker.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../support/chromium.ts";
import { portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { type PushService, startPushService } from "../../support/push-service.ts";
import { RealSystem } from "../../support/real-system.ts";
import { send } from "../../support/shop.ts";

const CLIENT = join(import.meta.dirname, "../../../lib/push-client");

let browser: Browser;
let pages: Server;
let origin: string;
let system: RealSystem;
let pushService: PushService;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  pages = await servePages();
  origin = `http://127.0.0.1:${portOf(pages)}`;
  pushService = await startPushService();
  folder = mkdtempSync(join(tmpdir(), "cfmp-push-"));
  writeFileSync(join(folder, "ca.pem"), pushService.ca);
  const env = { CORS_ORIGINS: origin, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") };
  system = await RealSystem.start({ held: true, env });
});
afterAll(async () => {
  await browser?.close();
  await system?.cleanUp();
  await pushService?.close();
  pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A script of lib/push-client for browsers. */
async function script(contents: string): Promise<string> {
  const stdin = { contents, resolveDir: CLIENT, loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: "iife", write: false });
  return outputFiles[0]?.text ?? "";
}

async function servePages(): Promise<Server> {
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/": ["text/html", "<!doctype html><title>Shop</title><script src='/page.js'></script><ol></ol>"],
    "/page.js": [
      "text/javascript",
      await script(`
        import { PushClient } from "./push-client.ts";
        Object.assign(globalThis, {
          listen(url: string, token: string) {
            const backOff = { first: 50, longest: 500 };
            const client = new PushClient({ url, token: () => token, backOff, pingMs: 1_000 });
            client.on("state", ({ state }) => document.body.setAttribute("data-state", state));
            client.on("notification", ({ position, notification }) => {
              const item = document.createElement("li");
              item.textContent = position + " " + notification.title;
              document.querySelector("ol")?.append(item);
            });
          },
        });
      `),
    ],
    "/service-worker.js": [
      "text/javascript",
      await script(`import { showPushes } from "./service-worker.ts"; showPushes(self as never);`),
    ],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ""] ?? [];
    response.writeHead(type === undefined ? 404 : 200, { "content-type": type ?? "text/plain" }).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

/** The cable between a page and the service, which can be pulled out. */
class Cable {
  readonly #sockets = new Set<Socket>();
  readonly #server: TcpServer;
  #plugged = true;

  constructor(target: () => string) {
    this.#server = createTcpServer((near) => {
      const { hostname, port } = new URL(target());
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => {
          near.destroy();
          far.destroy();
        });
      }
      if (this.#plugged) near.pipe(far).pipe(near);
      else near.destroy();
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, "127.0.0.1", listening));
    return `ws://127.0.0.1:${portOf(this.#server)}/api/notifications/live/`;
  }

  pull(): void {
    this.#plugged = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  plug(): void {
    this.#plugged = true;
  }

  close(): void {
    this.pull();
    this.#server.close();
  }
}

async function tokenOf(sub: string): Promise<string> {
  const { authorization = "" } = await system.credentials({ sub });
  return authorization.replace("Bearer ", "");
}

async function notify(user: string, title: string, channels: readonly string[] = ["in_app"]): Promise<void> {
  const url = `${system.urls.notifications}/api/notifications/`;
  const { status } = await send("POST", url, { title, content: "c", channels }, { uuid: user });
  expect(status).toBe(201);
}

const items = (page: Page) => page.locator("li").allInnerTexts();
const isLive = async (page: Page) => (await page.locator("body").getAttribute("data-state")) === "live";

describe("A page", () => {
  test("shows each notification once and in order: live, after its service was killed, and after it was offline", async () => {
    const cable = new Cable(() => system.urls.notifications);
    const page = await browser.newPage();
    try {
      await page.goto(origin);
      const given = [await cable.open(), await tokenOf("ann")];
      await page.evaluate(([url, token]) => Reflect.get(globalThis, "listen")(url, token), given);
      await until("it is live", () => isLive(page));
      await notify("ann", "live");
      await until("it is shown", async () => (await items(page)).length === 1);

      await system.kill("runtime", () => 0);
      await notify("ann", "after the kill");
      await until("it is shown", async () => (await items(page)).length === 2);

      cable.pull();
      await until("it has noticed", async () => !(await isLive(page)));
      await notify("ann", "while offline");
      await notify("ann", "and another");
      cable.plug();
      await until("it is live again", () => isLive(page));
      await notify("ann", "online");
      await until("all are shown", async () => (await items(page)).length === 5);
      expect(await items(page)).toEqual([
        "1 live",
        "2 after the kill",
        "3 while offline",
        "4 and another",
        "5 online",
      ]);
    } finally {
      await page.close();
      cable.close();
    }
  });

  test("shows by its service worker what comes by Web Push while it has no live connection, once", async () => {
    const context = await browser.newContext();
    await context.grantPermissions(["notifications"], { origin });
    const page = await context.newPage();
    await page.goto(origin);
    const devtools = await context.newCDPSession(page);
    let registration = "";
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      registration = registrations.find(({ isDeleted }) => !isDeleted)?.registrationId ?? registration;
    });
    await devtools.send("ServiceWorker.enable");
    await page.evaluate(
      "navigator.serviceWorker.register('/service-worker.js').then(() => navigator.serviceWorker.ready).then(() => {})",
    );
    await until("it is registered", () => registration !== "");
    // A vendor's push service can't be reached from here: this one stands between, and opens what the browser itself would.
    const subscribed = pushService.subscribe();
    const url = `${system.urls.notifications}/api/notifications/subscriptions/`;
    expect((await send("POST", url, subscribed.toJSON(), { uuid: "bob" })).status).toBe(201);
    await notify("bob", "by push", ["in_app", "push"]);
    const pushed = await until("it is pushed", () =>
      pushService.pushed.find(({ browser: whose }) => whose === subscribed),
    );
    const delivery = { origin, registrationId: registration, data: JSON.stringify(pushed.message) };
    for (let times = 0; times < 2; times += 1)
      await devtools.send("ServiceWorker.deliverPushMessage", delivery);
    const shown = () =>
      page.evaluate<readonly unknown[]>(
        `navigator.serviceWorker.ready.then((registration) => registration.getNotifications())
          .then((notifications) => notifications.map(({ title, body, tag }) => ({ title, body, tag })))`,
      );
    await until("it is shown", async () => (await shown()).length > 0);
    expect(await shown()).toEqual([{ title: "by push", body: "c", tag: pushed.message["id"] }]);
    await context.close();
  });
});
