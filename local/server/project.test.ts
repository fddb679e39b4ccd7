// A server runs what serverless.yml describes, without osls reading it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { services } from "../../functions/services.ts";
import { tablesOf } from "../runtime/tables.ts";
import { PROVIDER, SERVICE, serverProject } from "./project.ts";

const root = join(import.meta.dirname, "..", "..");
const project = serverProject({ family: "shop" });

test("with the name, the limits and the region that serverless.yml has", () => {
  const { service, provider } = parse(readFileSync(join(root, "serverless.yml"), "utf8"));
  expect(SERVICE).toBe(service);
  expect(PROVIDER).toMatchObject({ timeout: provider.timeout, memorySize: provider.memorySize });
  expect(provider.region).toContain(`'${PROVIDER.region}'`);
});

test("with every function of every service, under the name that it has on AWS", () => {
  const { functions } = project.service;
  const routes = services.flatMap(({ key, contract }) =>
    Object.values(contract.routes).map(({ id }) => `${key}-${id}`),
  );
  expect(Object.keys(functions)).toEqual(expect.arrayContaining(routes));
  expect(functions["orders-createOrder"]?.name).toBe("cfmp-order-dev-orders-createOrder");
  const other = serverProject({ family: "shop", stage: "prod", region: "cn-north-1" }).service;
  expect(other.functions["orders-createOrder"]?.name).toBe("cfmp-order-prod-orders-createOrder");
  expect(other.provider).toMatchObject({ stage: "prod", region: "cn-north-1" });
});

test("with all tables, of the family that is set", () => {
  const names = services.flatMap(({ tables }) => tables.map(({ name }) => `shop-${name}`));
  expect(tablesOf(project.service.resources?.Resources ?? {}).map(({ TableName }) => TableName)).toEqual(
    names,
  );
});
