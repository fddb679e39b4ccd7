import { describe, expect, test } from "@jest/globals";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Contract, Route } from "../contract/route.ts";
import type { HttpHandler } from "./handler.ts";
import { sharedHandler } from "./shared-function.ts";

const routeOf = (id: string, method: Route["method"], path: string, named?: string): Route => ({
  id,
  method,
  path,
  summary: id,
  access: "user",
  replies: {},
  ...(named === undefined ? {} : { function: named }),
});

const contract: Contract = {
  service: "ThingService",
  title: "Things",
  description: "Things.",
  basePath: "/api/things",
  routes: {
    listThings: routeOf("listThings", "GET", "/api/things/", "things"),
    createThing: routeOf("createThing", "POST", "/api/things/", "things"),
    getThing: routeOf("getThing", "GET", "/api/things/{id}/", "things"),
    page: routeOf("page", "GET", "/page/{file}", "things"),
    other: routeOf("other", "GET", "/api/others/"),
  },
};

const answering =
  (body: string): HttpHandler =>
  async () => ({ statusCode: 200, body });
const handlers = {
  listThings: answering("list"),
  createThing: answering("create"),
  getThing: answering("get"),
  page: answering("page"),
};

const shared = sharedHandler(contract, "things", handlers);

/** The reply to an event of `routeKey`; the handlers read nothing else of it. */
const ask = async (routeKey: string) => {
  const event = { routeKey } as APIGatewayProxyEventV2;
  return (await shared(event, {} as Context)).body;
};

describe("A function that serves several routes", () => {
  test.each([
    ["GET /api/things/", "list"],
    ["GET /api/things", "list"],
    ["POST /api/things/", "create"],
    ["GET /api/things/{id}", "get"],
    ["GET /things/page/{file}", "page"],
    // As GETs are deployed.
    ["ANY /api/things/{id}/", "get"],
    ["ANY /things/page/{file}", "page"],
  ])("answers %s by its handler", async (routeKey, body) => {
    expect(await ask(routeKey)).toBe(body);
  });

  test.each(["GET /api/others/", "DELETE /api/things/", "$default"])("fails for %s", async (routeKey) => {
    await expect(async () => ask(routeKey)).rejects.toThrow(`has no route ${routeKey}`);
  });

  test("has exactly the handlers of its routes", () => {
    const { page: _, ...some } = handlers;
    expect(() => sharedHandler(contract, "things", some)).toThrow(
      "serves createThing, getThing, listThings, page",
    );
    expect(() => sharedHandler(contract, "things", { ...handlers, other: answering("o") })).toThrow("serves");
  });
});
