// PutItem of a whole item that is new, or that replaces the version its writer knows:
// { TableName, Item, ConditionExpression: "attribute_not_exists(id)" }, or
// { TableName, Item, ConditionExpression: "version = :version", ExpressionAttributeValues: { ":version": { N } } }.

import { conditionFailed } from "../dynalite.ts";
import type { Item } from "../item.ts";
import { isPlainInteger, isWellFormed } from "../well-formed.ts";
import { entryWrites } from "./entries.ts";
import { type Fields, hasFields, LONGEST_HASH, textOf } from "./fields.ts";
import { hashPart } from "./keys.ts";
import type { PlainTable } from "./plain-table.ts";
import type { Shape } from "./shape.ts";

const CREATE = ["TableName", "Item", "ConditionExpression"];
const REPLACE = [...CREATE, "ExpressionAttributeValues"];

export const putItem: Shape = (request, { level, commits, table, lockOf }) => {
  if (!hasFields(request, CREATE) && !hasFields(request, REPLACE)) return undefined;
  const { TableName: name, Item: item } = request;
  const plain = table(name);
  if (plain === undefined || !isWellFormed(item) || !fits(item, plain)) return undefined;
  const holds = conditionOf(request, plain);
  const id = textOf(item[plain.key], LONGEST_HASH);
  if (holds === undefined || id === undefined) return undefined;
  const key = hashPart(id);
  return (done) =>
    lockOf(plain.name)(key, (release) => {
      const reply = release(done);
      const text = level.getSync(plain.prefix + key);
      const stored: Item | undefined = text === undefined ? undefined : JSON.parse(text);
      if (!holds(stored)) return reply(conditionFailed());
      // As the table is now: it may have gained an index while this waited for its turn.
      const writes = entryWrites(table(name) ?? plain, key, stored, item);
      writes.push({
        type: "put",
        key: plain.prefix + key,
        value: JSON.stringify(item),
        of: { table: plain.name, item },
      });
      commits.write(writes, (error) => reply(error, "{}"));
    });
};

/** Whether what is stored may be replaced; undefined for a condition that is neither of the two. */
function conditionOf(
  request: Fields,
  { key }: PlainTable,
): ((stored: Item | undefined) => boolean) | undefined {
  const { ConditionExpression: expression, ExpressionAttributeValues: values } = request;
  if (values === undefined)
    return key === "id" && expression === "attribute_not_exists(id)"
      ? (stored) => stored === undefined
      : undefined;
  if (expression !== "version = :version" || !hasFields(values, [":version"])) return undefined;
  const expected = values[":version"];
  if (!hasFields(expected, ["N"]) || !isPlainInteger(expected["N"])) return undefined;
  return (stored) => stored?.["version"]?.["N"] === expected["N"];
}

/** Whether all attributes of `item` that are keys of an index are texts, as they have to be. */
const fits = (item: Item, { indexes }: PlainTable): boolean =>
  indexes.every(({ hash, range }) => isTextOrNone(item[hash]) && isTextOrNone(item[range]));

const isTextOrNone = (attribute: Item[string] | undefined): boolean =>
  attribute === undefined || "S" in attribute;
