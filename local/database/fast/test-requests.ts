// Random requests for the differential test: those of the services, some of them changed in one place, and others.

import fc from "fast-check";
import { changed } from "./test-changes.ts";
import { id, item, moment, number, shard, word } from "./test-items.ts";
import { INDEXES } from "./test-tables.ts";

/** The operation's name, and its input. */
export type Request = readonly [operation: string, input: object];

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const tableName = fc.oneof(
  weighted(8, fc.constant("shop")),
  weighted(2, fc.constant("contacts")),
  weighted(1, fc.constantFrom("odd", "none", "__proto__")),
);

const keyOf = (table: string, key: string) => ({ [table === "contacts" ? "user" : "id"]: { S: key } });

const condition = fc.oneof(
  weighted(3, fc.constant({ ConditionExpression: "attribute_not_exists(id)" })),
  weighted(
    3,
    number.map((version) => ({
      ConditionExpression: "version = :version",
      ExpressionAttributeValues: { ":version": { N: version } },
    })),
  ),
  weighted(1, fc.constant({})),
);

const put = fc
  .tuple(tableName, item, condition)
  .map(([TableName, Item, more]): Request => ["PutItem", { TableName, Item, ...more }]);

const get = fc
  .tuple(tableName, id)
  .map(
    ([TableName, key]): Request => [
      "GetItem",
      { TableName, Key: keyOf(TableName, key), ConsistentRead: true },
    ],
  );

const batchGet = fc
  .uniqueArray(fc.tuple(tableName, fc.array(id, { minLength: 1, maxLength: 5 })), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map(
    (tables): Request => [
      "BatchGetItem",
      {
        RequestItems: Object.fromEntries(
          tables.map(([name, ids]) => [
            name,
            { Keys: ids.map((one) => keyOf(name, one)), ConsistentRead: true },
          ]),
        ),
      },
    ],
  );

const remove = fc
  .tuple(tableName, id)
  .map(([TableName, key]): Request => ["DeleteItem", { TableName, Key: keyOf(TableName, key) }]);

const update = fc.tuple(tableName, id, moment, shard).map(
  ([TableName, key, at, due]): Request => [
    "UpdateItem",
    {
      TableName,
      Key: keyOf(TableName, key),
      UpdateExpression: "SET due_shard = :due, due_at = :at REMOVE created",
      ExpressionAttributeValues: { ":due": { S: due }, ":at": { S: at } },
    },
  ],
);

const bound = fc.oneof(
  fc.constant({ text: "", values: {} }),
  fc.tuple(fc.constantFrom("<", "<=", ">", ">="), moment).map(([operator, value]) => ({
    text: ` AND #r ${operator} :bound`,
    values: { ":bound": { S: value } },
  })),
  fc.tuple(moment, moment).map(([from, to]) => ({
    text: " AND #r BETWEEN :bound AND :to",
    values: { ":bound": { S: from }, ":to": { S: to } },
  })),
);

const parts = fc.option(
  fc.uniqueArray(fc.constantFrom("id", "version", "status", "doc", "7", "constructor", "created"), {
    maxLength: 3,
  }),
  { freq: 3, nil: undefined },
);

const query = fc
  .record({
    index: fc.constantFrom(...INDEXES),
    hash: fc.oneof(word, word, shard, id),
    bound,
    parts,
    forward: fc.boolean(),
    limit: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(101, 1_001)),
  })
  .map(({ index, hash, bound, parts, forward, limit }): Request => {
    const aliases = parts?.map((name, at) => [`#p${at}`, name] as const) ?? [];
    return [
      "Query",
      {
        TableName: index.table,
        IndexName: index.name,
        KeyConditionExpression: `#h = :hash${bound.text}`,
        ExpressionAttributeNames: {
          "#h": index.hash,
          ...(bound.text !== "" || parts ? { "#r": index.range } : {}),
          ...Object.fromEntries(aliases),
        },
        ...(parts ? { ProjectionExpression: ["#r", ...aliases.map(([alias]) => alias)].join(", ") } : {}),
        ExpressionAttributeValues: { ":hash": { S: hash }, ...bound.values },
        ScanIndexForward: forward,
        Limit: limit,
      },
    ];
  });

const exact = fc.oneof(
  weighted(8, put),
  weighted(3, get),
  weighted(4, batchGet),
  weighted(6, query),
  weighted(1, remove),
  weighted(1, update),
);

const request = fc.oneof(
  weighted(3, exact),
  weighted(
    1,
    fc.tuple(exact, changed).map(([[operation, input], change]): Request => [operation, change(input)]),
  ),
);

/** Requests, those of one burst at once. */
export const bursts: fc.Arbitrary<Request[][]> = fc.array(fc.array(request, { minLength: 1, maxLength: 4 }), {
  minLength: 10,
  maxLength: 40,
  size: "max",
});

const KB = 1024;
const largeText = fc
  .tuple(
    fc.constantFrom("x", "界", '"', "\u0001"),
    fc.oneof(
      fc.integer({ min: 20, max: 130 }),
      fc.constantFrom(133, 134, 136.5, 137, 200, 300, 340, 399.9, 400, 401),
    ),
  )
  .map(([character, kilobytes]) => character.repeat(kilobytes * KB));

const largePut = fc.tuple(fc.uuid(), largeText).map(([id, doc]): Request => {
  const keys = { owner: { S: "ann" }, created: { S: id }, due_shard: { S: "0" }, due_at: { S: id } };
  const item = { id: { S: id }, doc: { S: doc }, ...keys };
  return ["PutItem", { TableName: "shop", Item: item, ConditionExpression: "attribute_not_exists(id)" }];
});

/** Puts of large items, then a page of them, whole or in parts. */
export const largeItems: fc.Arbitrary<Request[]> = fc
  .tuple(fc.array(largePut, { minLength: 1, maxLength: 14, size: "max" }), fc.boolean(), fc.boolean())
  .map(([puts, whole, forward]) => [
    ...puts,
    [
      "Query",
      {
        TableName: "shop",
        IndexName: "by_owner",
        KeyConditionExpression: "#h = :hash",
        ExpressionAttributeNames: whole ? { "#h": "owner" } : { "#h": "owner", "#r": "created", "#p0": "id" },
        ...(whole ? {} : { ProjectionExpression: "#r, #p0" }),
        ExpressionAttributeValues: { ":hash": { S: "ann" } },
        ScanIndexForward: forward,
        Limit: 101,
      },
    ],
  ]);
