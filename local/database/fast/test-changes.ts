// One change anywhere in a request, so that it is nearly one that the services send.

import fc from "fast-check";

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ holder: value, key }, ...placesIn(inner)]);
}

const LONG = "x".repeat(2049);

/** In place of what is there. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, 1.5, -1, 1e9, "", "1", "true", "id", LONG, [], {}],
  ...[{ S: "a" }, { S: "" }, { S: null }, { S: 1 }, { S: LONG }, { N: "1" }, { N: "01" }, { NULL: true }],
  ...["attribute_exists(id)", "version = :version ", "#h = :hash and #r < :bound", "#r", "#r, #p0", "#r,#p0"],
];

/** Beside what is there. */
const FIELDS: readonly (readonly [string, unknown])[] = [
  ["Extra", 1],
  ["__proto__", { S: "x" }],
  ["constructor", { S: "x" }],
  ["id", { S: "b" }],
  ["created", { S: "1" }],
  ["owner", { N: "1" }],
  ["S", "x"],
  ["N", "1"],
  ["#r", "created"],
  ["#p0", "id"],
  ["#more", "doc"],
  [":bound", { S: "2" }],
  [":version", { N: "1" }],
  ["Select", "COUNT"],
  ["Limit", 2],
  ["ConsistentRead", true],
  ["ConsistentRead", false],
  ["ReturnValues", "ALL_OLD"],
  ["ReturnConsumedCapacity", "INDEXES"],
  ["ProjectionExpression", "id"],
  ["AttributesToGet", ["id"]],
  ["FilterExpression", "#h = :hash"],
  ["ConditionExpression", "attribute_not_exists(id)"],
  ["Expected", { id: { Exists: false } }],
  ["ExclusiveStartKey", { id: { S: "a" }, owner: { S: "ann" }, created: { S: "2" } }],
  ["ExclusiveStartKey", { id: { S: "b" }, due_shard: { S: "0" }, due_at: { S: "2" } }],
];

type Change = (place: Place) => void;

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>(({ holder, key }) => {
    Reflect.deleteProperty(holder, key);
  }),
  fc.constantFrom(...VALUES).map(
    (value): Change =>
      ({ holder, key }) => {
        define(holder, key, value);
      },
  ),
  fc.constantFrom(...FIELDS).map(
    ([name, value]): Change =>
      ({ holder }) => {
        define(holder, name, value);
      },
  ),
);

/** A field of its own, also if it is called `__proto__`, as JSON.parse makes them. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Makes one change in a copy of a request: in its own fields, or anywhere in them. */
export const changed: fc.Arbitrary<(input: object) => object> = fc
  .tuple(fc.boolean(), fc.nat(10_000), change)
  .map(([own, number, make]) => (input: object) => {
    const copy = structuredClone(input);
    const places = placesIn(copy).filter(({ holder }) => !own || holder === copy);
    const place = places[number % places.length];
    if (place !== undefined) make(place);
    return copy;
  });
