// Reading a request's parameters (query and form alike) as checked values.

import { parseJson } from "../../lib/core/tried.ts";
import { BadParameter, MissingParameter } from "./request-error.ts";

/** Characters of all keys and values of an instance. */
const MAX_METADATA = 1_024;
const TRUE = new Set(["true", "1", "yes"]);
const FALSE = new Set(["false", "0", "no"]);

/** The largest page number and size that Nacos takes: an `int` of Java. Spring's `getServices()` asks for one such page. */
const MAX_INT = 2_147_483_647;

export interface PageQuery {
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

/** Which page a v1 request names; both parameters are required. */
export const requiredPage = (params: Params): PageQuery => ({
  page: params.requiredInteger("pageNo", MAX_INT),
  size: params.requiredInteger("pageSize", MAX_INT),
});

/** Which page a v3 request names; by default the first, of 100. */
export const pageQuery = (params: Params): PageQuery => ({
  page: positive("pageNo", params.integer("pageNo", 1, MAX_INT)),
  size: positive("pageSize", params.integer("pageSize", 100, MAX_INT)),
});

export class Params {
  readonly #query: URLSearchParams;
  readonly #form: URLSearchParams | undefined;

  constructor(query: URLSearchParams, form?: URLSearchParams) {
    this.#query = query;
    this.#form = form;
  }

  /** The text, or undefined when absent or empty. */
  optional(name: string): string | undefined {
    return this.#query.get(name) || this.#form?.get(name) || undefined;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new MissingParameter(name);
    return value;
  }

  /** Required text made only of the characters Nacos allows in names, at most `maxLength` of them. */
  name(name: string, maxLength = 255): string {
    return checkedName(name, this.required(name), maxLength);
  }

  optionalName(name: string, fallback: string, maxLength = 255): string {
    return checkedName(name, this.optional(name) ?? fallback, maxLength);
  }

  port(name: string): number {
    return integer(name, this.required(name), 65_535);
  }

  integer(name: string, fallback: number, max: number): number {
    const text = this.optional(name);
    return text === undefined ? fallback : integer(name, text, max);
  }

  requiredInteger(name: string, max: number): number {
    return integer(name, this.required(name), max);
  }

  weight(name: string): number | undefined {
    const text = this.optional(name);
    return text === undefined ? undefined : checkedWeight(Number(text));
  }

  flag(name: string): boolean | undefined {
    const text = this.optional(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    throw new BadParameter(`Param '${name}' must be true or false.`);
  }

  /** A JSON object of strings, or `key=value,key=value`; as long as Nacos takes it. */
  metadata(name: string): Record<string, string> | undefined {
    const text = this.optional(name);
    return text === undefined ? undefined : boundedMetadata(parseMetadata(name, text));
  }
}

/** Nacos' range for weights. */
function checkedWeight(value: number): number {
  if (value >= 0 && value <= 10_000) return value;
  throw new BadParameter("The weights range from 0.0 to 10000.0", "weight_illegal");
}

export function checkedName(name: string, value: string, maxLength = 255): string {
  if (value.length <= maxLength && /^[\p{L}\p{N}_.:@#-]+$/u.test(value)) return value;
  throw new BadParameter(`Param '${name}' is illegal, illegal characters should not appear in the param.`);
}

export function checkedCluster(value: string): string {
  if (/^[0-9a-zA-Z-]{1,64}$/.test(value)) return value;
  const allowed = "Instance 'clusterName' should be characters with only 0-9a-zA-Z-";
  throw new BadParameter(`${allowed}. (current: ${value})`, "instance_illegal");
}

/** One page of `all`. */
export const pageOf = <T>(all: readonly T[], { page, size }: PageQuery): T[] =>
  all.slice(Math.max(0, page - 1) * size).slice(0, size);

/** One page of `all` in the form of Nacos' `Page`, each item as `shown` gives it. */
export const pageReply = <T>(all: readonly T[], query: PageQuery, shown: (item: T) => unknown) => ({
  totalCount: all.length,
  pageNumber: query.page,
  pagesAvailable: Math.ceil(all.length / Math.max(1, query.size)),
  pageItems: pageOf(all, query).map(shown),
});

/** The text of a parsed JSON string, number or boolean; undefined for anything else, which may have no text, or a very long one. */
export const plainText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;

/** The metadata in a parsed JSON object of plain values; as long as Nacos takes it. @throws {BadParameter} */
export const checkedMetadata = (name: string, value: unknown): Record<string, string> =>
  boundedMetadata(stringRecord(name, value));

function stringRecord(name: string, value: unknown): Record<string, string> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const texts = isObject ? Object.entries(value).map(([key, each]) => [key, plainText(each)] as const) : [];
  const record = Object.fromEntries(
    texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
  );
  if (isObject && Object.keys(record).length === texts.length) return record;
  throw new BadParameter(`Param '${name}' must be a JSON object of strings.`);
}

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new BadParameter(`Param '${name}' is illegal, the value should be between 0 and ${max}.`);
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new BadParameter(`Required parameter '${name}' should be positive integer, current is ${value}`);
}

function boundedMetadata(metadata: Record<string, string>): Record<string, string> {
  const length = Object.entries(metadata).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (length <= MAX_METADATA) return metadata;
  throw new BadParameter(`Param 'Metadata' is illegal, the param length should not exceed ${MAX_METADATA}.`);
}

function parseMetadata(name: string, text: string): Record<string, string> {
  if (text.startsWith("{")) return stringRecord(name, parseJson(text));
  const pairs = text.split(",").map((pair) => pair.split("=").map((part) => part.trim()));
  if (pairs.every(([key, value]) => key && value !== undefined)) {
    return Object.fromEntries(pairs.map(([key, ...value]) => [key, value.join("=")]));
  }
  throw new BadParameter(`Param '${name}' must be key=value pairs.`);
}
