// The storage port on DynamoDB: the same for the embedded database, DynamoDB Local and AWS.

import type { Attribute, Attributes, DynamoClient } from "./dynamo-client.ts";
import { PAGE_BYTES } from "./merged-page.ts";
import type { Bound, IndexName, IndexQuery, Item, Page, Table } from "./table.ts";

/** Items of a page that are read at once, where its index holds keys. */
const READ_AT_ONCE = 25;

const OWN = new Set(["id", "version", "schema_version", "doc", "expires_on"]);

/** The table `name`; it must exist with the key `id` and the indexes that are queried. `dueShards`: see {@link Table}. */
export function dynamoTable(client: DynamoClient, name: string, dueShards?: number): Table {
  async function get(id: string): Promise<Item | undefined> {
    const reply = await client.send("GetItem", {
      TableName: name,
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    const found = reply.body["Item"];
    return isAttributes(found) ? toItem(found) : undefined;
  }

  async function query(
    wanted: IndexQuery,
    names?: readonly string[],
  ): Promise<{ rows: Attributes[]; next: string | undefined }> {
    const { body } = await client.send(
      "Query",
      { TableName: name, ...toQuery(wanted, names) },
      wanted.signal,
    );
    const found = Array.isArray(body["Items"]) ? body["Items"].filter(isAttributes) : [];
    const rows = found.slice(0, wanted.limit);
    const more = found.length > rows.length || body["LastEvaluatedKey"] !== undefined;
    return { rows, next: more ? text(rows.at(-1)?.[wanted.index.range]) : undefined };
  }

  /**
   * The items of an index that does not hold them, as they are now: one that has meanwhile left its place in the index is left out. The page
   * ends where it would end in an index that does, at 1 MB.
   */
  async function readEach(
    rows: readonly Attributes[],
    { index, hash, signal }: IndexQuery,
    next: string | undefined,
  ): Promise<Page<Item>> {
    const items: Item[] = [];
    let bytes = 0;
    for (let from = 0; from < rows.length; from += READ_AT_ONCE) {
      signal?.throwIfAborted();
      const some = rows.slice(from, from + READ_AT_ONCE);
      const found = await Promise.all(some.map((row) => get(text(row["id"]))));
      for (const [at, item] of found.entries()) {
        if (item?.index[index.hash] !== hash || item.index[index.range] !== text(some[at]?.[index.range]))
          continue;
        items.push(item);
        bytes += Buffer.byteLength(item.doc);
      }
      if (bytes > PAGE_BYTES && from + READ_AT_ONCE < rows.length)
        return { items, next: text(some.at(-1)?.[index.range]) };
    }
    return { items, next };
  }

  return {
    ...(dueShards === undefined ? {} : { dueShards }),
    get,
    async put(item, replaces) {
      const reply = await client.send("PutItem", {
        TableName: name,
        Item: toAttributes(item),
        ...(replaces === 0
          ? { ConditionExpression: "attribute_not_exists(id)" }
          : {
              ConditionExpression: "version = :version",
              ExpressionAttributeValues: { ":version": { N: String(replaces) } },
            }),
      });
      if (!reply.conditionFailed) return true;
      if (!reply.ambiguous) return false;
      // A try whose reply was lost may have written this very item; then the condition failed on ourselves.
      const stored = await get(item.id);
      return stored?.version === item.version && stored.doc === item.doc;
    },
    async query(wanted) {
      const { rows, next } = await query(wanted);
      return rows.every(({ doc }) => doc !== undefined)
        ? { items: rows.map(toItem), next }
        : readEach(rows, wanted, next);
    },
    async queryEntries(wanted, names) {
      const { rows, next } = await query(wanted, names);
      return { items: rows.map((row) => ({ id: text(row["id"]), index: indexOf(row, names) })), next };
    },
    async queryIds(wanted) {
      const { rows, next } = await query(wanted);
      return { items: rows.map((row) => text(row["id"])), next };
    },
  };
}

function toQuery(
  { index, hash, bound, descending, limit }: IndexQuery,
  names: readonly string[] | undefined,
): object {
  const { condition, values } = toCondition(bound);
  const projected = names === undefined ? [] : projectionOf(index, names);
  return {
    IndexName: index.name,
    KeyConditionExpression: `#h = :hash${condition}`,
    ExpressionAttributeNames: {
      "#h": index.hash,
      ...(bound || projected.length > 0 ? { "#r": index.range } : {}),
      ...Object.fromEntries(projected),
    },
    ...(projected.length > 0
      ? { ProjectionExpression: ["#r", ...projected.map(([alias]) => alias)].join(", ") }
      : {}),
    ExpressionAttributeValues: { ":hash": { S: hash }, ...values },
    ScanIndexForward: descending !== true,
    // One more than asked for: DynamoDB says "more may follow" even when the last item of the index is the page's last.
    Limit: limit + 1,
  };
}

/** The id and `names` by aliases; the range key, which says where a page ended, has its own. */
const projectionOf = (index: IndexName, names: readonly string[]) =>
  ["id", ...names.filter((name) => name !== index.range)].map((name, at) => [`#p${at}`, name] as const);

function toCondition(bound: Bound | undefined): { condition: string; values: Attributes } {
  if (bound === undefined) return { condition: "", values: {} };
  if ("between" in bound) {
    const [from, to] = bound.between;
    return {
      condition: " AND #r BETWEEN :bound AND :to",
      values: { ":bound": { S: from }, ":to": { S: to } },
    };
  }
  const [[operator, value] = ["<", ""]] = Object.entries(bound);
  return { condition: ` AND #r ${operator} :bound`, values: { ":bound": { S: value } } };
}

function toAttributes(item: Item): Attributes {
  return {
    ...mapValues(item.index, (value) => ({ S: value })),
    id: { S: item.id },
    version: { N: String(item.version) },
    schema_version: { N: String(item.schemaVersion) },
    doc: { S: item.doc },
    ...(item.expiresOn === undefined ? {} : { expires_on: { N: String(item.expiresOn) } }),
  };
}

/** The item in a row of a reply. */
export function toItem(row: Attributes): Item {
  const index: Record<string, string> = {};
  for (const name in row) if (!OWN.has(name)) index[name] = text(row[name]);
  const expiresOn = row["expires_on"];
  return {
    id: text(row["id"]),
    version: Number(text(row["version"])),
    schemaVersion: Number(text(row["schema_version"])),
    doc: text(row["doc"]),
    index,
    ...(expiresOn === undefined ? {} : { expiresOn: Number(text(expiresOn)) }),
  };
}

/** Those attributes of `row` among `names` that it has. */
const indexOf = (row: Attributes, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, text(row[name])]));

function text(attribute: Attribute | undefined): string {
  if (attribute === undefined) return "";
  return "S" in attribute ? attribute.S : attribute.N;
}

export const isAttributes = (value: unknown): value is Attributes =>
  typeof value === "object" && value !== null;

function mapValues<A, B>(from: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(value)]));
}
