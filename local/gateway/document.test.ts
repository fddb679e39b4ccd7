import { expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { services } from "../../functions/services.ts";
import { openApiDocument } from "../../lib/contract/openapi.ts";
import { mergedDocument } from "./document.ts";

const merged = mergedDocument(services, true);

test("the document of all services is valid OpenAPI 3.1", async () => {
  expect(await new Validator().validate(structuredClone(merged))).toMatchObject({ valid: true });
});

test("the services mean the same by the schemas they share, so that merging loses none", () => {
  const documents = services.map(({ contract }) => openApiDocument(contract, { version: "1", debug: true }));
  const named = documents.flatMap(({ components }) => Object.entries(components?.schemas ?? {}));
  for (const [name, schema] of named) {
    for (const [, other] of named.filter(([each]) => each === name)) expect(other).toEqual(schema);
  }
});

test("every operation has an id of its own", () => {
  const ids = JSON.stringify(merged).match(/"operationId":"\w+"/g) ?? [];
  expect(ids.length).toBeGreaterThan(20);
  expect(new Set(ids).size).toBe(ids.length);
});
