import { expect, test } from "@jest/globals";
import { leaseFromWire, leaseToWire } from "./lease-names.ts";

const until = "2026-11-01T12:15:00.000Z";

test("a lease is sent under its names of the version before", () => {
  expect(leaseToWire(until, 3)).toEqual({ live_until: until, seen_seq: 3 });
  expect(leaseToWire(until)).toEqual({ live_until: until });
});

test("a body with a lease is read under the names in the code, with its other fields", () => {
  expect(leaseFromWire({ amount: 1, ...leaseToWire(until, 3) })).toEqual({
    amount: 1,
    lease_until: until,
    fencing_seq: 3,
  });
  expect(leaseFromWire({ amount: 1, live_until: undefined })).toEqual({ amount: 1 });
});
