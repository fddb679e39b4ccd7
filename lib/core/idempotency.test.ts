import { describe, expect, test } from "@jest/globals";
import { version } from "uuid";
import type { ErrorKind } from "./domain-error.ts";
import { checkReplay, creation } from "./idempotency.ts";

const refusal = (kind: ErrorKind, code: string) =>
  expect.objectContaining({ name: "DomainError", kind, code });
const body = { name: "tea", amount: 100 };

describe("what a keyed request creates", () => {
  const created = creation("ann", "createOrder", "key-1", body);

  test("has the same id each time", () => {
    expect(creation("ann", "createOrder", "key-1", { ...body })).toEqual(created);
    expect(version(created.id)).toBe(5);
  });

  test.each([
    ["user", creation("bob", "createOrder", "key-1", body)],
    ["route", creation("ann", "createPayment", "key-1", body)],
    ["key", creation("ann", "createOrder", "key-2", body)],
  ])("has another id for another %s", (_, other) => {
    expect(other.id).not.toBe(created.id);
  });

  test("may be repeated with the same body only", () => {
    const { fingerprint } = created;
    expect(() => checkReplay(created, { fingerprint, deleted: false })).not.toThrow();
    const other = creation("ann", "createOrder", "key-1", { ...body, amount: 101 });
    expect(() => checkReplay(other, { fingerprint, deleted: false })).toThrow(
      refusal("invalid", "idempotency_key_reused"),
    );
  });

  test("is gone once it was deleted", () => {
    expect(() => checkReplay(created, { fingerprint: created.fingerprint, deleted: true })).toThrow(
      refusal("gone", "gone"),
    );
  });
});

describe("what was erased with its person", () => {
  const erased = { fingerprint: "", deleted: false };

  test("is gone for a request with its key, whatever its body", () => {
    const created = creation("ann", "createOrder", "key-1", body);
    expect(() => checkReplay(created, erased)).toThrow(refusal("gone", "gone"));
  });

  test("still has its id", () => {
    const other = creation("ann", "createOrder", undefined, body);
    expect(() => checkReplay(other, erased)).toThrow(refusal("conflict", "id_taken"));
  });
});

describe("what a request without a key creates", () => {
  test("has a new id each time, in the order of time, to the millisecond", () => {
    const [first, second] = [creation("ann", "r", undefined, body), creation("ann", "r", undefined, body)];
    expect(version(first.id)).toBe(7);
    expect(first.id).not.toBe(second.id);
    // The first 48 bits are the time (RFC 9562, 5.7).
    expect(first.id.slice(0, 13) <= second.id.slice(0, 13)).toBe(true);
  });

  test("replaces nothing, should its id be taken", () => {
    const created = creation("ann", "r", undefined, body);
    const other = creation("ann", "r", undefined, { ...body, amount: 101 });
    expect(() => checkReplay(created, { fingerprint: other.fingerprint, deleted: false })).toThrow(
      refusal("conflict", "id_taken"),
    );
  });

  test("is its own, should its write be found to have been done", () => {
    const created = creation("ann", "r", undefined, body);
    expect(() => checkReplay(created, { fingerprint: created.fingerprint, deleted: false })).not.toThrow();
  });
});
