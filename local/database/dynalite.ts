// The parts of dynalite in use here, with types: its checks of requests and its actions, which bring the expression
// engine, key encoding and error shapes. Its HTTP front and its storage are not used (see front.ts and store.ts).

import { createRequire } from "node:module";
import type { Item } from "./item.ts";

const require = createRequire(import.meta.url);

type KeySchema = readonly { readonly AttributeName: string }[];

export interface IndexDescription {
  readonly IndexName: string;
  readonly KeySchema: KeySchema;
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  IndexStatus?: string;
  /** True while items from before the index are added to it. */
  Backfilling?: boolean;
}

export interface AttributeDefinition {
  readonly AttributeName: string;
  readonly AttributeType: string;
}

export interface TableDescription {
  readonly TableName: string;
  TableStatus: string;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly KeySchema: KeySchema;
  readonly GlobalSecondaryIndexes?: IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly unknown[];
}

export type Callback<T = undefined> = (error: Error | null, value?: T) => void;

/** A failure with a reply of its own; dynalite's own errors have this shape. */
export interface ReplyError extends Error {
  statusCode?: number;
  body?: Readonly<Record<string, unknown>>;
}

/** A checked request; dynalite completes it while it works on it. */
export type Data = Record<string, unknown>;
type Action = (store: object, data: Data, done: Callback<unknown>) => void;
interface Checks {
  readonly types: object;
  readonly custom?: (...args: unknown[]) => unknown;
}

const validations: {
  checkTypes(data: unknown, types: object): Data;
  checkValidations(data: Data, types: object, custom: Checks["custom"], store: object): void;
} = require("dynalite/validations");

const db: {
  createKey(item: unknown, table: TableDescription): string;
  itemSize(item: Item, compressed?: boolean, withMeta?: boolean): number;
  validationError(message: string): ReplyError;
} = require("dynalite/db");

/** The LevelDB key of an item within its table. `item` may be the key attributes alone. */
export const itemKey = (item: unknown, table: TableDescription): string => db.createKey(item, table);

/** The size of an item as dynalite counts it for the end of a page, of a table without range key. */
export const sizeInPage = (item: Item): number => db.itemSize(item, true, true);

/** The error of a conditional write whose condition does not hold. */
export function conditionFailed(): ReplyError {
  const error: ReplyError = new Error("The conditional request failed");
  error.statusCode = 400;
  error.body = {
    __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    message: error.message,
  };
  return error;
}

/** The error of a request that DynamoDB refuses for what it says. */
export const validationError = (message: string): ReplyError => db.validationError(message);

/** DynamoDB's limit for an item. */
export const MAX_ITEM_BYTES = 400 * 1024;

/**
 * The error for an `item` that is above DynamoDB's 400 KB; undefined for others. `json` is the item's JSON text. dynalite
 * measures texts in UTF-16 code units and DynamoDB in UTF-8; in JSON text, the difference is the same as in the item.
 */
export function tooLarge(item: Item, json: string): ReplyError | undefined {
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_ITEM_BYTES || db.itemSize(item) + bytes - json.length <= MAX_ITEM_BYTES) return undefined;
  return db.validationError("Item size has exceeded the maximum allowed size");
}

const names = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
];

interface Operation {
  /** Checks and completes a request. @throws {ReplyError} for one that DynamoDB would refuse. */
  check(data: unknown, store: object): Data;
  readonly act: Action;
  /** Whether its reply is a page of items, which must end somewhere. */
  readonly paged: boolean;
}

/** Every operation by its name in the `X-Amz-Target` header. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  names.map((name) => {
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    const checks: Checks = require(`dynalite/validations/${file}`);
    const act: Action = require(`dynalite/actions/${file}`);
    const check = (data: unknown, store: object) => {
      const checked = validations.checkTypes(data, checks.types);
      validations.checkValidations(checked, checks.types, checks.custom, store);
      return checked;
    };
    return [name, { check, act, paged: name === "Query" || name === "Scan" }];
  }),
);
