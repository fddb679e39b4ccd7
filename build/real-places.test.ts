// What a function's process prints of its code: places in the project when it fails, and nothing when it does not.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { freePorts } from "../tests/support/free-ports.ts";
import { run } from "../tests/support/run.ts";
import { bundleOf } from "./bundle.ts";
import { bundles } from "./test-bundle.ts";

const urlOf = (path: string): string => JSON.stringify(pathToFileURL(path).href);

/** What a Node.js process prints that runs the module `code` with `env` alone. */
const printed = async (code: string, env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, ["--trace-deprecation", "--input-type=module", "-e", code], { env });

describe("an error in a bundle", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cfmp-places-"));
    writeFileSync(
      join(folder, "one.ts"),
      `import * as z from "${join(import.meta.dirname, "..", "node_modules", "zod", "index.js")}";
import { fail } from "./deep.ts";

export async function handler(kind: string) {
  if (kind === "package") return z.parse(z.string().transform(fail), kind);
  return await later(kind);
}

async function later(kind: string) {
  await null;
  return fail(kind);
}
`,
    );
    writeFileSync(
      join(folder, "deep.ts"),
      `interface Message {
  readonly text: string;
}

export function fail(text: string): never {
  const message: Message = { text };
  throw new RangeError(message.text);
}
`,
    );
    const { code, map } = await bundleOf(join(folder, "one.ts"));
    for (const name of ["mapped", "mapless", "damaged"]) writeFileSync(join(folder, `${name}.mjs`), code);
    writeFileSync(join(folder, "mapped.mjs.map"), map);
    writeFileSync(join(folder, "damaged.mjs.map"), map.subarray(0, 100));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const stackOf = async (name: string, kind: string) => {
    const file = urlOf(join(folder, `${name}.mjs`));
    const code = `await (await import(${file})).handler("${kind}").catch(({ stack }) => console.log(stack))`;
    return (await printed(code)).stdout.trim().split("\n");
  };

  test("names the file and the line of each of our frames", async () => {
    const [head, first = "", second = "", third = ""] = await stackOf("mapped", "own");
    expect(head).toBe("RangeError: own");
    expect(first).toMatch(/^ {4}at [\w./-]*\/deep\.ts:7$/);
    expect(second).toMatch(/^ {4}at [\w./-]*\/one\.ts:11$/);
    expect(third).toMatch(/^ {4}at async [\w./-]*\/one\.ts:6$/);
  });

  test("names the file of a package", async () => {
    const lines = await stackOf("mapped", "package");
    expect(lines[1]).toMatch(/deep\.ts:7$/);
    expect(lines.slice(2).join("\n")).toMatch(/^ {4}at node_modules\/zod\/[\w./-]+\.js$/m);
    expect(lines.at(-1)).not.toContain(".mjs:");
  });

  test.each(["mapless", "damaged"])("is shown as V8 has it when the map is %s", async (name) => {
    const [head, first] = await stackOf(name, "own");
    expect(head).toBe("RangeError: own");
    expect(first).toMatch(new RegExp(`${name}\\.mjs:\\d+:\\d+`));
  });
});

describe("a start without an error", () => {
  const { bundle, remove } = bundles();
  afterAll(remove);

  // Together they have every package that is bundled.
  const HANDLERS = [
    "orders/handlers/create-order.ts",
    "payments/handlers/callback.ts",
    "payments/handlers/relay.ts",
    "notifications/handlers/relay.ts",
    "notifications/handlers/webhook-relay.ts",
    "notifications/handlers/webhooks.ts",
    "notifications/handlers/connect-live.ts",
  ];

  test("and its first event print no warning of Node.js, such as one about something deprecated", async () => {
    const files = await Promise.all(HANDLERS.map((entry) => bundle(entry)));
    const [closed] = await freePorts(1);
    const url = "https://abcd1234.execute-api.eu-central-1.amazonaws.com";
    const event = {
      sweep: true,
      version: "2.0",
      routeKey: "ANY /api/notifications/webhooks/",
      rawPath: "/api/notifications/webhooks/",
      rawQueryString: "",
      headers: { host: "shop.example" },
      pathParameters: { method: "alipay" },
      body: "a=b",
      requestContext: {
        http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" },
        requestId: "1",
        connectionId: "c",
        routeKey: "$connect",
        stage: "$default",
      },
      isBase64Encoded: false,
    };
    const code = `
      for (const file of [${files.map(({ outfile }) => urlOf(outfile)).join()}]) {
        const { handler } = await import(file);
        const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 3_000 };
        await handler(${JSON.stringify(event)}, context).catch(() => {});
        console.log("ran");
      }
      process.exit(0);`;
    const {
      code: ended,
      stdout,
      output,
    } = await printed(code, {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_LAMBDA_FUNCTION_NAME: "cfmp-order-prod-function",
      FUNCTION_PREFIX: "cfmp-order-prod-",
      DEBUG: "False",
      SECRET_KEY: "a key of this test alone, as long as it has to be",
      SANDBOX_SECRET: "a secret of this test alone, as long as it has to be",
      DB_NAME: "cold",
      DB_HOST: "127.0.0.1",
      DB_PORT: String(closed),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${closed}`,
      ORDERSERVICE_URL: url,
      PAYMENTSERVICE_URL: url,
      NOTIFICATIONSERVICE_URL: url,
    });
    expect({ ended, ran: stdout.split("\n").filter((line) => line === "ran").length }).toEqual({
      ended: 0,
      ran: HANDLERS.length,
    });
    expect(output).not.toMatch(/Warning|DEP\d{4}|deprecat/i);
    // What stands for a part that it has no use for (build/absent.ts).
    expect(output).not.toContain("is not part of this function");
  }, 120_000);
});
