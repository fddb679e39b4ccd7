import { describe, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { services } from "../../../functions/services.ts";
import { openApiDocument, problemStatuses } from "../../../lib/contract/openapi.ts";

const documentOf = (contract: (typeof services)[number]["contract"], debug: boolean) =>
  JSON.parse(JSON.stringify(openApiDocument(contract, { version: "1.2.3", debug })));

describe.each(services)("the OpenAPI document of $contract.service", ({ contract }) => {
  const document = documentOf(contract, false);
  const routes = Object.values(contract.routes).filter((route) => !route.debugOnly);

  test.each([true, false])("is valid OpenAPI 3.1, DEBUG %p", async (debug) => {
    const validator = new Validator();
    expect(await validator.validate(documentOf(contract, debug))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("has every route with its summary and all that it can answer", () => {
    for (const route of routes) {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      expect(operation).toMatchObject({ operationId: route.id, summary: route.summary });
      const statuses = [...Object.keys(route.replies), ...problemStatuses(route).map(String)];
      expect(Object.keys(operation.responses).sort()).toEqual([...new Set(statuses)].sort());
    }
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(Object(path)));
    expect(operations).toHaveLength(routes.length);
  });

  test("requires a body of PUT, and where `{}`, as which a missing one is read otherwise, is not enough", () => {
    for (const { path, method, body } of routes) {
      if (!body) continue;
      const { requestBody } = document.paths[path][method.toLowerCase()];
      expect(requestBody.required ?? false).toBe(method === "PUT" || !body.safeParse({}).success);
    }
  });

  test("says that lists, whose work grows with what a user has, and tests of a webhook take turns: 429", () => {
    for (const route of routes) {
      const operation = JSON.stringify(document.paths[route.path][route.method.toLowerCase()]);
      const isList = ['"name":"cursor"', '"name":"since"'].some((parameter) => operation.includes(parameter));
      const takesTurns = isList || route.id === "tryWebhook";
      expect([route.id, problemStatuses(route).includes(429)]).toEqual([route.id, takesTurns]);
    }
  });

  test("is the same each time", () => {
    expect(documentOf(contract, false)).toEqual(document);
  });

  test("knows bare user ids and DEBUG's routes with DEBUG only", () => {
    expect(Object.keys(document.components.securitySchemes)).not.toContain("user");
    expect(Object.keys(documentOf(contract, true).components.securitySchemes)).toContain("user");
    expect(JSON.stringify(document)).not.toContain("/simulate/");
  });
});
