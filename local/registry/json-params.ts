// The fields of a JSON object as parameters, so that they are checked by the same rules: a request by gRPC, or a heartbeat of v1.

import { parseJsonObject } from "../../lib/core/tried.ts";
import { Params, plainText } from "./params.ts";
import { BadParameter } from "./request-error.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The parsed body of a request; undefined when it is no JSON object. */
export const parsedBody = (body: Buffer): Json | undefined => parseJsonObject(body.toString("utf8"));

/** The texts, numbers and flags among the fields; `names` gives other names to some. Others count as absent. */
export function jsonParams(fields: Json, names: Readonly<Record<string, string>> = {}): Params {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    const text = plainText(value);
    if (text !== undefined) given.set(names[name] ?? name, text);
  }
  return new Params(given);
}

/** @throws {BadParameter} when the field is no object. */
export function objectField(fields: Json, name: string): Json {
  const value = fields[name];
  if (!isObject(value)) throw new BadParameter(`Param '${name}' must be an object.`);
  return value;
}

/** The objects in a list, which may be absent. @throws {BadParameter} for anything else. */
export function objectsField(fields: Json, name: string): readonly Json[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every(isObject))
    throw new BadParameter(`Param '${name}' must be a list of objects.`);
  return value;
}

/** The fields of an object; none when it is absent. */
export function optionalObjectField(fields: Json, name: string): Json {
  const value = fields[name];
  return isObject(value) ? value : {};
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
