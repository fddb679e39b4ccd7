import { expect, test } from "@jest/globals";
import KeptTables from "./kept-tables.ts";

const deployment = (DeletionPolicy: string) => {
  const deploy = { getCreateChangeSetParams: (options: object) => ({ ...options, StackName: "shop" }) };
  const { hooks } = new KeptTables({
    pluginManager: { plugins: [{}, deploy] },
    service: { resources: { Resources: { T: { Type: "AWS::DynamoDB::Table", DeletionPolicy } } } },
  });
  hooks["before:deploy:deploy"]?.();
  return deploy.getCreateChangeSetParams({ ChangeSetType: "UPDATE" });
};

test("a stage that keeps its tables imports those that are there", () => {
  expect(deployment("Retain")).toEqual({
    ChangeSetType: "UPDATE",
    StackName: "shop",
    ImportExistingResources: true,
  });
});

test("another stage creates its own: CloudFormation imports nothing that it would delete later", () => {
  expect(deployment("Delete")).toEqual({ ChangeSetType: "UPDATE", StackName: "shop" });
});
