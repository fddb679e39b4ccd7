// Tables for the tests of the shapes: one as the services have them, one without indexes, one that they do not have.

const key = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" }]),
];

export interface TestIndex {
  readonly table: string;
  readonly name: string;
  readonly hash: string;
  readonly range: string;
  readonly projection: "ALL" | "KEYS_ONLY";
}

export const INDEXES: readonly TestIndex[] = [
  { table: "shop", name: "by_owner", hash: "owner", range: "created", projection: "ALL" },
  { table: "shop", name: "by_status", hash: "status", range: "created", projection: "ALL" },
  { table: "shop", name: "by_due", hash: "due_shard", range: "due_at", projection: "KEYS_ONLY" },
  { table: "shop", name: "by_id", hash: "id", range: "created", projection: "ALL" },
  { table: "odd", name: "by_amount", hash: "owner", range: "amount", projection: "ALL" },
];

const SHOP = { id: "S", owner: "S", created: "S", status: "S", due_shard: "S", due_at: "S" };
const ODD = { id: "S", owner: "S", amount: "N" };

/** Input of CreateTable for each. */
export const TABLES: readonly object[] = [
  table("shop", "id", SHOP),
  table("contacts", "user", { user: "S" }),
  table("odd", "id", ODD),
];

function table(name: string, own: string, types: Readonly<Record<string, string>>): object {
  const indexes = INDEXES.filter((index) => index.table === name).map((index) => ({
    IndexName: index.name,
    KeySchema: key(index.hash, index.range),
    Projection: { ProjectionType: index.projection },
  }));
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: Object.entries(types).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: key(own),
    ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
  };
}
