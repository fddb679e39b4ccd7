import { expect, test } from "@jest/globals";
import { type ConfigQuery, searchConfigs } from "./config-search.ts";
import type { StoredConfig } from "./stored-config.ts";

const config = (dataId: string, fields: Partial<StoredConfig> = {}): StoredConfig => ({
  tenant: "public",
  group: "G",
  dataId,
  content: "",
  type: "text",
  md5: "",
  modifiedAt: 0,
  ...fields,
});
const CONFIGS = [
  config("order.yaml", { content: "page: 10", type: "yaml" }),
  config("order.json", { group: "H", content: "{}", type: "json" }),
  config("payment.yaml", { type: "yaml" }),
  config("order.yaml", { tenant: "other" }),
];
const ANY: ConfigQuery = {
  tenant: "public",
  dataId: undefined,
  group: undefined,
  content: undefined,
  types: undefined,
  blur: true,
};
const found = (query: Partial<ConfigQuery>) =>
  searchConfigs(CONFIGS, { ...ANY, ...query }).map(({ dataId }) => dataId);

test.each([
  ["everything of a namespace, sorted", {}, ["order.json", "order.yaml", "payment.yaml"]],
  ["of another namespace", { tenant: "other" }, ["order.yaml"]],
  ["by the beginning", { dataId: "order*" }, ["order.json", "order.yaml"]],
  ["by the end", { dataId: "*.yaml" }, ["order.yaml", "payment.yaml"]],
  ["by the middle", { dataId: "*e*.y*l" }, ["order.yaml", "payment.yaml"]],
  ["by anything", { dataId: "**" }, ["order.json", "order.yaml", "payment.yaml"]],
  ["by the exact name where there is no asterisk", { dataId: "order" }, []],
  ["nothing where beginning and end overlap", { dataId: "order.yaml*yaml" }, []],
  ["by group", { group: "H" }, ["order.json"]],
  ["by content", { content: "*page*" }, ["order.yaml"]],
  ["by type", { types: new Set(["json", "xml"]) }, ["order.json"]],
  ["an asterisk as it is, if the search is accurate", { dataId: "order*", blur: false }, []],
  ["an exact name, if the search is accurate", { dataId: "order.json", blur: false }, ["order.json"]],
])("finds %s", (_, query, names) => {
  expect(found(query)).toEqual(names);
});

test("a pattern made to be slow is not", () => {
  const content = "a".repeat(100_000);
  const query = { ...ANY, content: `${"*a".repeat(1_000)}*b` };
  expect(searchConfigs([config("x", { content })], query)).toEqual([]);
});
