// Units, dollars and ceilings of a recorded flow.

import { tableResources } from "../../build/tables.ts";
import { services } from "../../functions/services.ts";
import { DAY_SHARDS } from "../../lib/storage/day-index.ts";
import { tablesOf } from "../../local/runtime/tables.ts";
import type { Operation } from "../counting/proxy.ts";
import type { AwsFlow } from "./aws-flow.ts";
import { PRICES } from "./prices.ts";
import {
  type Charge,
  type ChargedTable,
  itemBytes,
  PARTITION_UNITS,
  putCharges,
  readUnits,
  type StoredItem,
} from "./units.ts";

export interface OperationCost {
  /** `PutItem orders` */
  readonly name: string;
  readonly bytes: number;
  readonly write: number;
  readonly read: number;
  /** Of the write units those of indexes. */
  readonly indexes: number;
}

export interface Ceiling {
  /** `orders by_due` */
  readonly index: string;
  /** Over how many hash keys an order's writes may fall. */
  readonly keys: number;
  /** Write units of one order on one of them, on average. */
  readonly units: number;
  /** Whose orders these are: of everybody, or of one seller or buyer. */
  readonly of: "all" | "one seller";
  readonly perSecond: number;
}

export interface Capacity {
  readonly operations: readonly OperationCost[];
  readonly puts: number;
  readonly write: number;
  readonly read: number;
  /** Write units by table, those of its indexes included. */
  readonly unitsByTable: Readonly<Record<string, number>>;
  /** Write units in the index of due work of the table that has the most there. */
  readonly unitsDue: number;
  readonly requests: number;
  readonly invocations: number;
  /** Dollars per million paid orders, by what they are for. */
  readonly dollars: Readonly<Record<string, number>>;
  readonly ceilings: readonly Ceiling[];
}

/** How the tables are laid out: shards of due work, and whether indexes for lists hold whole items (`WHOLE_INDEXES`). */
export interface Layout {
  readonly shards: number;
  readonly whole: boolean;
}

/** The capacity that a recorded flow needs. */
export function capacityOf(
  { operations, requests, invocations, seller }: AwsFlow,
  { shards, whole }: Layout,
): Capacity {
  const tables = chargedTables(!whole);
  const stored = new Map<string, StoredItem>();
  const charges: (Charge & { readonly table: string })[] = [];
  const costs = operations.map((operation): OperationCost => {
    const table = tables.get(operation.table);
    if (table === undefined) throw new Error(`There is no table ${operation.table}`);
    const own = chargesOf(operation, table, stored);
    charges.push(...own.map((charge) => ({ ...charge, table: operation.table })));
    const total = own.reduce((sum, { units }) => sum + units, 0);
    const indexes = own.reduce((sum, { index, units }) => sum + (index === "" ? 0 : units), 0);
    const bytes = bytesOf(operation);
    const consistent = Reflect.get(operation.input, "ConsistentRead") === true;
    const read = own.length > 0 ? 0 : readUnits(bytes, consistent);
    const name = [operation.operation, operation.table, operation.index].filter(Boolean).join(" ");
    return { name, bytes, write: total, indexes, read };
  });
  const sum = (of: (cost: OperationCost) => number) => costs.reduce((all, cost) => all + of(cost), 0);
  const byTable = Map.groupBy(charges, ({ table }) => table);
  const [write, read] = [sum((cost) => cost.write), sum((cost) => cost.read)];
  return {
    operations: costs,
    puts: costs.filter((cost) => cost.write > 0).length,
    write,
    read,
    unitsByTable: Object.fromEntries([...byTable].map(([name, own]) => [name, unitsOf(own)])),
    unitsDue: Math.max(
      ...[...byTable.values()].map((own) => unitsOf(own.filter(({ index }) => index === "by_due"))),
    ),
    requests,
    invocations,
    dollars: {
      writes: write * PRICES.writeUnit,
      reads: read * PRICES.readUnit,
      requests: requests * PRICES.httpRequest,
      invocations: invocations * PRICES.invocation,
      compute: invocations * PRICES.seconds * PRICES.gbSecond * PRICES.gb,
    },
    ceilings: ceilingsOf(charges, seller, shards),
  };
}

function chargedTables(narrow: boolean): ReadonlyMap<string, ChargedTable> {
  const definitions = services.flatMap(({ tables }) => tables);
  const created = tablesOf(tableResources(definitions, { family: "x", onRemoval: "Delete", narrow }));
  return new Map(
    created.map(({ TableName, KeySchema, GlobalSecondaryIndexes = [] }) => [
      TableName.replace(/^x-/, ""),
      {
        key: KeySchema[0]?.AttributeName ?? "",
        indexes: GlobalSecondaryIndexes.map(({ IndexName: name, KeySchema: [hash, range], Projection }) => ({
          name,
          hash: hash?.AttributeName ?? "",
          range: range?.AttributeName ?? "",
          projection: Projection.ProjectionType === "ALL" ? "ALL" : (Projection.NonKeyAttributes ?? []),
        })),
      },
    ]),
  );
}

/** What a write is charged; nothing for a read. A refused write is charged for the table alone, by the item that is there. */
function chargesOf(
  operation: Operation,
  table: ChargedTable,
  stored: Map<string, StoredItem>,
): readonly Charge[] {
  const place = `${operation.table}/${operation.key ?? ""}`;
  const before = stored.get(place);
  if (operation.operation === "UpdateItem")
    return putCharges({ ...table, indexes: [] }, before, before ?? {});
  if (operation.operation !== "PutItem") return [];
  const item: StoredItem = Reflect.get(operation.input, "Item");
  if (isRefused(operation)) return putCharges({ ...table, indexes: [] }, before, before);
  stored.set(place, item);
  return putCharges(table, before, item);
}

const unitsOf = (some: readonly Charge[]): number => some.reduce((sum, { units }) => sum + units, 0);

const isRefused = ({ reply }: Operation): boolean => Reflect.get(Object(reply), "__type") !== undefined;

/** Bytes that an operation wrote or read. */
function bytesOf({ input, reply }: Operation): number {
  const written = Reflect.get(input, "Item");
  if (written !== undefined) return itemBytes(written);
  const { Item, Items = [] }: { Item?: StoredItem; Items?: readonly StoredItem[] } = Object(reply);
  return [...(Item === undefined ? [] : [Item]), ...Items].reduce((sum, item) => sum + itemBytes(item), 0);
}

/** Indexes whose hash keys many orders share, the first to be full first. */
function ceilingsOf(
  charges: readonly (Charge & { readonly table: string })[],
  seller: string,
  shards: number,
): readonly Ceiling[] {
  const ceiling = (index: string, of: Ceiling["of"], keys: number, units: number): Ceiling => {
    const perKey = units / keys;
    return { index, of, keys, units: perKey, perSecond: PARTITION_UNITS / perKey };
  };
  const byIndex = Map.groupBy(
    charges.filter(({ index }) => index !== ""),
    ({ table, index }) => `${table} ${index}`,
  );
  return [...byIndex]
    .flatMap(([name, all]): Ceiling[] => {
      if (name.endsWith(" by_due")) return [ceiling(name, "all", shards, unitsOf(all))];
      if (name.endsWith(" by_day")) return [ceiling(name, "all", DAY_SHARDS, unitsOf(all))];
      const ofSeller = Map.groupBy(
        all.filter(({ hash }) => hash.startsWith(seller)),
        ({ hash }) => hash,
      );
      if (ofSeller.size === 0) return [];
      return [ceiling(name, "one seller", 1, Math.max(...[...ofSeller.values()].map(unitsOf)))];
    })
    .sort((one, other) => one.perSecond - other.perSecond);
}
