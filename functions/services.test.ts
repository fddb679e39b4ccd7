import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type FunctionDefinition, serverlessFunctions } from "../build/functions.ts";
import { openApiDocument } from "../lib/contract/openapi.ts";
import type { Route } from "../lib/contract/route.ts";
import { NOT_BLANK } from "../lib/contract/schemas.ts";
import { services } from "./services.ts";

const root = join(import.meta.dirname, "..");
const targets = ["local", "aws"] as const;
/** Routes that one instance of a service calls at another: AWS has no use of them. */
const BETWEEN_INSTANCES = ["offerLive"];

/** Method and path of each HTTP event, `*` for the catch-all. */
const routesOf = ({ events }: FunctionDefinition) =>
  events.flatMap((event) => {
    if (!("httpApi" in event)) return [];
    return typeof event.httpApi === "string"
      ? [event.httpApi]
      : [`${event.httpApi.method} ${event.httpApi.path}`];
  });

describe.each(targets)("the functions for %s", (target) => {
  const functions = serverlessFunctions(services, target);
  const handlers = Object.entries(functions).map(([name, { handler }]) => {
    const [, file = "", exported = ""] = /^(.*)\.(\w+)$/.exec(handler) ?? [];
    return { name, file: join(root, `${file}.ts`), exported };
  });

  test.each(handlers)("$name has its handler", async ({ file, exported }) => {
    expect(existsSync(file)).toBe(true);
    expect(typeof Reflect.get(await import(file), exported)).toBe("function");
  });

  test("have names that AWS takes", () => {
    for (const name of Object.keys(functions)) expect(name).toMatch(/^[a-zA-Z][\w-]{0,40}$/);
  });

  test("are one for each route, on AWS for several where they say so, one for what no route takes, those of a WebSocket API, and the relays", () => {
    const expected = services.flatMap(({ key, contract, sockets, relays }) => [
      ...new Set(
        Object.values<Route>(contract.routes)
          .filter(({ id }) => target === "local" || !BETWEEN_INSTANCES.includes(id))
          .map((route) => `${key}-${(target === "aws" ? route.function : undefined) ?? route.id}`),
      ),
      `${key}-fallback`,
      ...(sockets?.functions ?? []).map(({ name }) => name),
      ...relays.map(({ name }) => name),
    ]);
    expect(Object.keys(functions).sort()).toEqual(expected.sort());
  });
});

test("locally no two functions of one service take the same request", () => {
  for (const service of services) {
    const routes = Object.values(serverlessFunctions([service], "local")).flatMap(routesOf);
    expect(routes).toEqual([...new Set(routes)]);
  }
});

/** Request bodies that people write, with the examples that the documents show of them. */
const bodies = services.flatMap(({ contract }) => {
  const { paths, components } = openApiDocument(contract, { version: "1.0.0", debug: true });
  return Object.values<Route>(contract.routes).flatMap((route) => {
    if (route.access !== "user" || route.body === undefined) return [];
    const written = JSON.stringify(Reflect.get(paths?.[route.path] ?? {}, route.method.toLowerCase()));
    const { requestBody }: { requestBody: { content: { "application/json": { schema: ShownSchema } } } } =
      JSON.parse(written);
    const { schema } = requestBody.content["application/json"];
    const name = schema.$ref?.split("/").at(-1) ?? "";
    const shown: ShownSchema = schema.$ref ? JSON.parse(JSON.stringify(components?.schemas?.[name])) : schema;
    return [{ id: route.id, route, shown }];
  });
});
interface ShownSchema {
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, { readonly pattern?: string }>>;
}

describe.each(bodies)("what $id is sent", ({ route, shown }) => {
  test("has examples that are accepted", () => {
    for (const example of shown.examples ?? []) {
      expect(route.body?.safeParse(example)).toMatchObject({ success: true });
    }
  });

  test("has one where it has texts: of a pattern the page would make up a text", () => {
    const texts = Object.values(shown.properties ?? {}).filter(({ pattern }) => pattern === NOT_BLANK);
    expect((shown.examples ?? []).length > 0 || texts.length === 0).toBe(true);
  });
});

describe("on AWS, where all services share one address", () => {
  const functions = serverlessFunctions(services, "aws");

  test("no two functions take the same request", () => {
    const routes = Object.values(functions).flatMap(routesOf);
    expect(routes).toEqual([...new Set(routes)]);
  });

  test("each path is there with and without its trailing slash", () => {
    for (const route of Object.values(functions).flatMap(routesOf)) {
      if (!route.endsWith("/") || route === "*") continue;
      expect(Object.values(functions).flatMap(routesOf)).toContain(route.slice(0, -1));
    }
  });

  test("what is below a service's base path is answered by that service, whatever the method", () => {
    for (const { key, contract } of services.slice(1)) {
      const own = Object.entries(functions).filter(([name]) => name.startsWith(`${key}-`));
      expect(own.flatMap(([, definition]) => routesOf(definition))).toEqual(
        expect.arrayContaining([`* ${contract.basePath}`, `* ${contract.basePath}/`]),
      );
      expect(functions[`${key}-fallback`]?.events).toContainEqual({
        httpApi: { method: "*", path: `${contract.basePath}/{proxy+}` },
      });
    }
  });

  test("a GET is given HEAD as well, in the place of a route of its own for each path", () => {
    for (const { key, contract } of services) {
      for (const { id, method, path, access, function: name = id } of Object.values<Route>(contract.routes)) {
        if (access === "service") continue;
        const routes = routesOf(functions[`${key}-${name}`] ?? { handler: "", description: "", events: [] });
        const paths = [path, `/${key}${path}`].map((one) => `${method === "GET" ? "*" : method} ${one}`);
        expect(routes.some((one) => paths.includes(one))).toBe(true);
      }
    }
    expect(Object.values(functions).flatMap(routesOf).join()).not.toMatch(/GET|HEAD/);
  });

  test("routes for services only have no path: the HTTP API is on the internet", () => {
    for (const { key, contract } of services) {
      for (const { id, access, function: name = id } of Object.values<Route>(contract.routes)) {
        if (access === "service") expect(functions[`${key}-${id}`]?.events ?? []).toEqual([]);
        else expect(functions[`${key}-${name}`]?.events.length).toBeGreaterThan(0);
      }
    }
    expect(Object.values(functions).flatMap(routesOf).join()).not.toContain("/internal");
  });

  test("a route between the instances of one service is not deployed", () => {
    expect(Object.keys(functions)).toContain("notifications-recordEvent");
    expect(Object.keys(functions)).not.toContain("notifications-offerLive");
  });

  test("routes that share a function are of one kind: all are for people, or none uses data", () => {
    const all = services.flatMap(({ key, contract }) =>
      Object.values<Route>(contract.routes).map((route) => ({ key, route })),
    );
    const shared = all.filter(({ route }) => route.function !== undefined);
    expect(shared.length).toBeGreaterThan(20);
    for (const { key, route } of shared) {
      expect([route.id, route.access]).not.toEqual([route.id, "service"]);
      const alike = shared.filter((one) => one.key === key && one.route.function === route.function);
      for (const other of alike) expect(other.route.selfContained).toBe(route.selfContained);
    }
  });

  test("relays are swept by schedule", () => {
    for (const { name } of services.flatMap(({ relays }) => relays)) {
      expect(functions[name]?.events).toEqual([
        {
          schedule: {
            // osls knows the stage.
            name: `\${self:service}-\${sls:stage}-${name}-sweep`,
            rate: "rate(1 minute)",
            input: { sweep: true },
          },
        },
      ]);
    }
  });

  test("runs of relays that fail are run again, and end in a queue", () => {
    const kept = Object.entries(functions).filter(([, { destinations }]) => destinations !== undefined);
    expect(kept.map(([name]) => name)).toEqual(
      services.flatMap(({ relays }) => relays.map(({ name }) => name)),
    );
    for (const [, definition] of kept) {
      expect(definition).toMatchObject({
        maximumRetryAttempts: 2,
        maximumEventAge: 3_600,
        destinations: { onFailure: { type: "sqs", arn: { "Fn::GetAtt": ["RelayFailures", "Arn"] } } },
      });
    }
  });
});

describe("each contract", () => {
  test.each(services)(
    "of $contract.service: a route's id is its name, its path ends with a slash",
    ({ contract }) => {
      for (const [name, route] of Object.entries(contract.routes)) {
        expect(route.id).toBe(name);
        if (!/\.json$|\/\{asset\}$/.test(route.path)) expect(route.path).toMatch(/^\/.*\/$/);
      }
    },
  );

  test.each(services)(
    "of $contract.service: parameters in a path are those that are declared",
    ({ contract }) => {
      for (const { path, params } of Object.values(contract.routes)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(Object.keys(Object(params && "shape" in params ? params.shape : {}))).toEqual(inPath);
      }
    },
  );

  test("what peers send may hold fields of the next version: they are passed over, so nothing is refused for them", () => {
    const internal = services
      .flatMap(({ contract }): Route[] => Object.values(contract.routes))
      .filter(({ access, body }) => access === "service" && body !== undefined);
    expect(internal.length).toBeGreaterThan(2);
    for (const { id, body } of internal) {
      const issues = body?.safeParse({ of_the_next_version: 1 }).error?.issues ?? [];
      expect({ id, refusesUnknown: issues.some(({ code }) => code === "unrecognized_keys") }).toEqual({
        id,
        refusesUnknown: false,
      });
    }
  });

  test("what only peers may call is under /internal/, and nothing else is", () => {
    for (const route of services.flatMap(({ contract }) => Object.values(contract.routes))) {
      expect(route.path.startsWith("/internal/")).toBe(route.access === "service");
    }
  });
});
