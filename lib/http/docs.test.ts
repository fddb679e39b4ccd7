import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HandlerServer, serveHandlers, type TrailingSlash } from "../../tests/support/handler-server.ts";
import { commonRoutes } from "../contract/common-routes.ts";
import type { Contract } from "../contract/route.ts";
import { VERSION } from "../core/version.ts";
import { setLogSink } from "../observability/log.ts";
import { docsHandlers } from "./docs.ts";

const contract = {
  service: "ThingService",
  title: "Things <b>& more</b>",
  description: "Things.",
  basePath: "/api/things",
  routes: commonRoutes,
} satisfies Contract;

const { openapi, docs, docsAsset } = docsHandlers(contract);
const routes = [
  { route: commonRoutes.openapi, handler: openapi },
  { route: commonRoutes.docs, handler: docs },
  { route: commonRoutes.docsAsset, handler: docsAsset },
];

const environment = { ...process.env };
const servers: HandlerServer[] = [];

async function serve(prefix = "", trailingSlash: TrailingSlash = "stripped"): Promise<string> {
  const server = await serveHandlers(routes, { prefix, trailingSlash });
  servers.push(server);
  return `${server.url}${prefix}`;
}

beforeAll(() => {
  setLogSink(() => {});
  Object.assign(process.env, { SECRET_KEY: "a secret of this test and nothing else", DEBUG: "False" });
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(() => {
  globalThis.cfmpOrderLogSink = undefined;
  process.env = environment;
});

/** The page's links as a browser resolves them. */
async function links(url: string): Promise<string[]> {
  const page = await fetch(url);
  const html = await page.text();
  const base = new URL(/<base href="([^"]*)">/.exec(html)?.[1] ?? "", page.url);
  return [...html.matchAll(/(?:src|href)="(\.[^"]*)"/g)].map(([, link]) => new URL(link ?? "", base).href);
}

describe("The page at /docs/", () => {
  test("allows scripts, styles and requests of its own origin alone, and holds none itself", async () => {
    const page = await fetch(`${await serve()}/docs/`);
    const html = await page.text();
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(html).not.toMatch(/<script>|<style|\son\w+=|style=|https?:/);
  });

  test.each([
    ["", "stripped"],
    ["", "kept"],
    ["/orders", "stripped"],
    ["/orders", "kept"],
  ] as const)(
    "under %j with slashes %s, and with or without its own, links to what is there",
    async (prefix, slash) => {
      const url = await serve(prefix, slash);
      for (const path of ["/docs", "/docs/"]) {
        const found = await links(`${url}${path}`);
        expect(found).toContain(`${url}/docs/start.js?v=${VERSION}`);
        expect(found).toContain(`${url}/openapi.json`);
        for (const link of found) expect((await fetch(link)).status).toBe(200);
      }
    },
  );

  test("names the control room that has the traces, where the runtime sends them to one", async () => {
    const html = async () => (await fetch(`${await serve()}/docs/`)).text();
    expect(await html()).not.toContain("data-control-room");
    process.env["CFMP_CONTROL_ROOM"] = "http://127.0.0.1:8010";
    try {
      expect(await html()).toContain('<div id="viewer" data-control-room="http://127.0.0.1:8010"></div>');
    } finally {
      delete process.env["CFMP_CONTROL_ROOM"];
    }
  });

  test("takes nothing of a title as markup", async () => {
    expect(await (await fetch(`${await serve()}/docs/`)).text()).not.toContain("<b>");
  });
});

describe("The page's files", () => {
  test.each([
    ["swagger-ui.css", "text/css; charset=utf-8"],
    ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
    ["start.js", "text/javascript; charset=utf-8"],
  ])("%s is served as %s, to be kept", async (name, type) => {
    const asset = await fetch(`${await serve()}/docs/${name}`);
    expect(asset.headers.get("content-type")).toBe(type);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    expect((await asset.text()).length).toBeGreaterThan(100);
  });

  test.each(["package.json", "swagger-ui.js", "..%2Fpackage.json", "%2e%2e%2findex.html"])(
    "%s is not one of them",
    async (name) => {
      expect((await fetch(`${await serve()}/docs/${name}`)).status).toBe(404);
    },
  );
});

describe("The OpenAPI document", () => {
  test("is that of the contract, without what DEBUG alone allows", async () => {
    const reply = await fetch(`${await serve()}/openapi.json`);
    expect(reply.headers.get("content-type")).toBe("application/json");
    const document: unknown = await reply.json();
    expect(document).toMatchObject({ openapi: "3.1.1", info: { version: VERSION } });
    expect(document).toHaveProperty(["paths", "/health/", "get"]);
    expect(document).not.toHaveProperty("components.securitySchemes.user");
  });
});
