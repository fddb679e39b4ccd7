// Tables as CloudFormation resources, from which the local runtime creates its tables as well.

import type { IndexName } from "../lib/storage/table.ts";
import type { ListIndex, TableDefinition } from "../lib/storage/table-definition.ts";
import { camel } from "./logical-id.ts";

export interface TableOptions {
  /** First part of the tables' names. */
  readonly family: string;
  /** What happens to a table when it is removed from the stack: `Delete`, or `Retain`: then it can't be deleted in any other way either. */
  readonly onRemoval: string;
  /** Whether indexes hold no more than they have to, which is what AWS charges for; otherwise those for lists hold whole items. */
  readonly narrow?: boolean;
}

/** A CloudFormation resource. */
export interface TableResource {
  readonly Type: "AWS::DynamoDB::Table";
  readonly DeletionPolicy: string;
  readonly UpdateReplacePolicy: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The resources of `tables`, by logical id: `orders` is `OrdersTable`. */
export const tableResources = (
  tables: readonly TableDefinition[],
  options: TableOptions,
): Readonly<Record<string, TableResource>> =>
  Object.fromEntries(tables.map((table) => [tableId(table.name), resource(table, options)]));

/** The logical id of the table with this short name. */
export const tableId = (name: string): string => `${camel(name)}Table`;

function resource(table: TableDefinition, { family, onRemoval, narrow }: TableOptions): TableResource {
  const { name, key, indexes, keyIndexes } = table;
  const all = [...indexes, ...keyIndexes];
  const attributes = new Set([key, ...all.flatMap(({ hash, range }) => [hash, range])]);
  return {
    Type: "AWS::DynamoDB::Table",
    DeletionPolicy: onRemoval,
    UpdateReplacePolicy: onRemoval,
    Properties: {
      TableName: `${family}-${name}`,
      BillingMode: "PAY_PER_REQUEST",
      ...(onRemoval === "Retain" ? { DeletionProtectionEnabled: true } : {}),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expires_on", Enabled: true },
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
      ...(all.length > 0
        ? {
            GlobalSecondaryIndexes: [
              ...indexes.map((index) => indexResource(index, projectionOf(index, narrow === true))),
              ...keyIndexes.map((index) => indexResource(index, KEYS_ONLY)),
            ],
          }
        : {}),
    },
  };
}

const KEYS_ONLY = { ProjectionType: "KEYS_ONLY" };

function projectionOf({ carries }: ListIndex, narrow: boolean) {
  if (!narrow || carries === undefined) return { ProjectionType: "ALL" };
  return carries.length === 0 ? KEYS_ONLY : { ProjectionType: "INCLUDE", NonKeyAttributes: carries };
}

const indexResource = ({ name, hash, range }: IndexName, projection: Readonly<Record<string, unknown>>) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ],
  Projection: projection,
});
