// What is left out of functions is used by none of them: each function of NotificationService, which is where they differ most, does its
// work here by its own bundle, with a registry. The other services' do on the emulator (npm run test:deploy).

import { createECDH, randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { createTokens } from "../lib/auth/tokens.ts";
import { loadConfig } from "../lib/config/env.ts";
import { createRegistry, type Registry } from "../lib/discovery/index.ts";
import { context, httpEvent, type TestRequest } from "../lib/http/test-things.ts";
import { HINT_GRACE_MS } from "../lib/outbox/outbox.ts";
import { createDynamoClient } from "../lib/storage/dynamo-client.ts";
import { type Database, startDatabase } from "../local/database/server.ts";
import { createTables } from "../local/runtime/create-tables.ts";
import { EmbeddedRegistry } from "../tests/support/embedded-registry.ts";
import { freePorts, listen } from "../tests/support/free-ports.ts";
import { run } from "../tests/support/run.ts";
import { silentLog } from "../tests/support/silent-log.ts";
import { systemTables } from "../tests/support/system-tables.ts";
import { absent } from "./absent.ts";
import { PARTS } from "./absent-parts.ts";
import { serverlessFunctions } from "./functions.ts";
import { bundles } from "./test-bundle.ts";

const SERVICE = "notifications";

/** `notifications/list-feed`, of all functions on AWS. */
const deployed = [
  ...new Set(
    Object.values(serverlessFunctions(services, "aws")).map(({ handler }) =>
      handler.replace(/^functions\/(.+)\/handlers\/(.+)\.\w+$/, "$1/$2"),
    ),
  ),
];

describe("what stands for a part", () => {
  test("can be composed like it, and fails when it is used", () => {
    const part = absent("createRelay");
    if (typeof part !== "function") throw new Error("It can't be called");
    for (const one of [part, Reflect.apply(part, undefined, [1]), Reflect.construct(part, [1])])
      expect(() => Reflect.get(Object(one), "relay")).toThrow("createRelay is not part of this function");
  });
});

describe("the table of parts", () => {
  const files = globSync("{lib,functions}/**/*.ts", { cwd: join(import.meta.dirname, "..") });

  test.each(PARTS.map(({ files: of, functions }) => [of, functions] as const))(
    "%s are files, and parts of functions that there are: %s",
    (of, functions) => {
      expect(files.some((file) => of.test(file.replaceAll("\\", "/")))).toBe(true);
      if (functions !== undefined) expect(deployed.some((name) => functions.test(name))).toBe(true);
    },
  );
});

describe("every function of NotificationService", () => {
  const { bundle, remove } = bundles();
  let database: Database;
  let aws: ReturnType<typeof createServer>;
  let registry: EmbeddedRegistry;
  let announced: Registry;
  beforeAll(async () => {
    database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
    const url = `http://${database.host}:${database.port}`;
    const client = createDynamoClient({ url, region: "", accessKeyId: "", secretAccessKey: "" });
    await createTables(client, systemTables("test"));
    await client.close();
    registry = await EmbeddedRegistry.start();
    announced = createRegistry(loadConfig({ NACOS_SERVER: registry.address }), silentLog);
    await announced.register({
      service: "PaymentService",
      host: "127.0.0.1",
      port: 1,
      weight: 1,
      metadata: {},
    });
    // Takes invocations of relays, and what is sent to live connections.
    aws = createServer((request, reply) => request.resume().on("end", () => reply.writeHead(202).end()));
  });
  afterAll(async () => {
    aws.closeAllConnections();
    aws.close();
    await announced.close();
    await registry.close();
    await database.close();
    remove();
  });

  /** A call of a function; `<name>` in its event is what an earlier call kept of its reply under that name. */
  interface Step {
    readonly name: string;
    readonly event: object;
    /** Milliseconds until it is called. */
    readonly after?: number;
    /** Where the value is in the reply's body. */
    readonly keep?: Readonly<Record<string, readonly (string | number)[]>>;
  }

  test("has all that its work needs", async () => {
    const key = "a key of this test alone, as long as it has to be";
    const tokens = createTokens({ SECRET_KEY: key, TOKEN_AUDIENCE: "cfmp-order" });
    const person = { sub: "ann", email: "ann@shop.example", scope: "sell operate" };
    const user = { authorization: `Bearer ${await tokens.mintUser(person, 600)}` };
    const peer = {
      authorization: `Bearer ${await tokens.mintService("OrderService", "NotificationService")}`,
    };
    const path = "/api/notifications/";
    const step = (
      name: string,
      method: string,
      below: string,
      more: TestRequest = {},
      keep: Step["keep"] = {},
    ): Step => {
      const at = `${path}${below}`;
      const id = /<\w+>/.exec(at)?.[0];
      const params = id === undefined ? {} : { params: { id } };
      const event = httpEvent({ method, path: at, headers: user, ...params, ...more });
      return {
        name: `${SERVICE}/${name}`,
        event: { ...event, routeKey: `${method} ${at.replace(/<\w+>/, "{id}")}` },
        keep,
      };
    };
    const socket = (name: string, body?: object): Step => ({
      name: `${SERVICE}/${name}`,
      event: {
        requestContext: {
          connectionId: "c",
          routeKey: "$default",
          stage: "test",
          apiId: "a",
          domainName: "d",
        },
        headers: user,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    });
    const event = {
      event_id: "event-1",
      event: "order.paid",
      occurred_at: new Date().toISOString(),
      related_id: "0192f5b0-0000-7000-8000-000000000001",
      data: { total_amount: "1.00", currency: "CNY" },
      parties: [{ user_id: "ann", role: "seller", email: null }],
    };
    const ecdh = createECDH("prime256v1");
    const keys = { p256dh: ecdh.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
    // Names that nobody has: nothing leaves this machine.
    const hook = { url: "https://hooks.invalid/", events: ["order.paid"] };
    const browser = { endpoint: "https://push.invalid/1", keys };
    const steps: readonly Step[] = [
      step("preferences", "PUT", "preferences/", { body: { events: {} } }),
      step("preferences", "GET", "preferences/"),
      step("subscriptions", "POST", "subscriptions/", { body: browser }, { browser: ["id"] }),
      step("subscriptions", "GET", "subscriptions/"),
      step("webhooks", "POST", "webhooks/", { body: { ...hook, orders: "own" } }, { hook: ["id"] }),
      step("list-feed", "GET", "feed/"),
      socket("connect-live"),
      step("record-event", "POST", "", { path: "/internal/notifications/", headers: peer, body: event }),
      step("send-notification", "POST", "", {
        body: { title: "T", content: "C", channels: ["in_app", "email", "push"] },
      }),
      step("list-notifications", "GET", "", {}, { notification: ["items", 0, "id"] }),
      step("list-feed", "GET", "feed/", { query: { since: "0" } }),
      step("unread-count", "GET", "unread-count/"),
      step("get-notification", "GET", "<notification>/"),
      step("read-notification", "POST", "<notification>/read/", { body: {} }),
      step("read-all", "POST", "read-all/", { body: {} }),
      socket("message-live", { type: "since", position: 0 }),
      socket("disconnect-live"),
      // What was written just now is left to hints for so long.
      { name: `${SERVICE}/relay`, event: { sweep: true }, after: HINT_GRACE_MS + 100 },
      { name: `${SERVICE}/webhook-relay`, event: { sweep: true } },
      step("webhooks", "GET", "webhooks/"),
      step("webhooks", "GET", "webhooks/<hook>/"),
      step("webhooks", "PUT", "webhooks/<hook>/", { body: hook }),
      step("webhooks", "POST", "webhooks/<hook>/test/", { body: {} }),
      step("webhooks", "POST", "webhooks/<hook>/secret/", { body: {} }),
      step("webhooks", "GET", "webhooks/<hook>/attempts/", {}, { message: ["items", 1, "message_id"] }),
      step("webhooks", "POST", "webhooks/<hook>/retry/", { body: { message_id: "<message>" } }),
      step("webhooks", "DELETE", "webhooks/<hook>/"),
      step("subscriptions", "DELETE", "subscriptions/<browser>/"),
      step("delete-notification", "DELETE", "<notification>/"),
    ];
    const names = [...new Set(steps.map(({ name }) => name))].sort();
    const all = deployed.filter((name) => name.startsWith(`${SERVICE}/`) && !name.endsWith("/common"));
    expect(names).toEqual([...all].sort());
    const lookup = {
      name: "orders/discover",
      event: httpEvent({ method: "GET", params: { service: "payment" }, headers: user }),
      keep: { known: ["known_instances"] },
    };
    const files = await Promise.all(
      [...names, lookup.name].map(async (name) => {
        const { outfile } = await bundle(`${name.replace("/", "/handlers/")}.ts`);
        return [name, outfile] as const;
      }),
    );
    const urls = Object.fromEntries(files.map(([name, file]) => [name, pathToFileURL(file).href]));
    const code = `
      const [urls, steps] = ${JSON.stringify([urls, [...steps, lookup]])};
      const kept = {};
      for (const { name, event, after = 0, keep = {} } of steps) {
        await new Promise((resolve) => setTimeout(resolve, after));
        const { handler } = await import(urls[name]);
        const text = JSON.stringify(event).replace(/<(\\w+)>/g, (_, of) => kept[of]);
        // So long that a sweep does all that is due.
        const context = { ...${JSON.stringify(context)}, getRemainingTimeInMillis: () => 60_000 };
        const { statusCode, body } = (await handler(JSON.parse(text), context)) ?? {};
        console.log("ran", name, statusCode ?? "", statusCode >= 400 ? body : "");
        for (const [of, keys] of Object.entries(keep))
          kept[of] = keys.reduce((value, key) => value?.[key], JSON.parse(body));
      }
      console.log("known", kept.known);
      process.exit(0);`;
    const [closed] = await freePorts(1);
    const there = `http://127.0.0.1:${await listen(aws)}`;
    const { stdout, output } = await run(process.execPath, ["--input-type=module", "-e", code], {
      env: {
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_LAMBDA_FUNCTION_NAME: "cfmp-order-prod-function",
        AWS_ENDPOINT_URL: there,
        AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: there,
        FUNCTION_PREFIX: "cfmp-order-prod-",
        DEBUG: "False",
        SECRET_KEY: key,
        SMTP_URL: `smtp://127.0.0.1:${closed}`,
        DB_NAME: "test",
        DB_HOST: database.host,
        DB_PORT: String(database.port),
        // By gRPC no function uses it, whatever is set.
        NACOS_SERVER: registry.address,
        NACOS_API: "grpc",
      },
    });
    expect(output).not.toContain("is not part of this function");
    const ran = stdout.split("\n").filter((line) => line.startsWith("ran "));
    expect(ran.filter((line) => !/ (20[014]|) $/.test(line))).toEqual([]);
    expect(ran).toHaveLength(steps.length + 1);
    expect(stdout).toContain("known 1\n");
  }, 120_000);
});
