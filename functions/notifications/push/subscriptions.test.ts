import { describe, expect, test } from "@jest/globals";
import type { SubscriptionRecords } from "./subscription-records.ts";
import { hasSubscribed } from "./subscriptions.ts";

/** Records in which `users` have a subscription each, and what was read of them. */
function recordsOf(users: ReadonlySet<string>) {
  const reads: string[] = [];
  let failing = false;
  const records: Pick<SubscriptionRecords, "inUse" | "idsOf"> = {
    async inUse() {
      reads.push("in use");
      if (failing) throw new Error("unreadable");
      return users.size > 0;
    },
    async idsOf(userId) {
      reads.push(userId);
      return users.has(userId) ? ["id"] : [];
    },
  };
  const fail = (value: boolean) => {
    failing = value;
  };
  return { records, reads, fail };
}

describe("Whether a user has subscribed", () => {
  test("costs one read a second while nobody has, however many ask at once", async () => {
    let now = 0;
    const { records, reads } = recordsOf(new Set());
    const has = hasSubscribed(records, () => now);
    expect(await Promise.all(["ann", "bob", "eve"].map(has))).toEqual([false, false, false]);
    expect(await has("ann")).toBe(false);
    expect(reads).toEqual(["in use"]);
    now = 1_000;
    expect(await Promise.all(["ann", "bob"].map(has))).toEqual([false, false]);
    expect(reads).toEqual(["in use", "in use"]);
  });

  test("is read of each once somebody has, a second later at the latest", async () => {
    let now = 0;
    const users = new Set<string>();
    const { records, reads } = recordsOf(users);
    const has = hasSubscribed(records, () => now);
    await has("ann");
    users.add("ann");
    now = 1_000;
    expect(await Promise.all(["ann", "bob"].map(has))).toEqual([true, false]);
    expect(reads).toEqual(["in use", "in use", "ann", "bob"]);
  });

  test("that can't be read is read again by the next who asks", async () => {
    const { records, fail } = recordsOf(new Set(["ann"]));
    const has = hasSubscribed(records, () => 0);
    fail(true);
    const asked = await Promise.allSettled(["ann", "bob"].map(has));
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fail(false);
    expect(await has("ann")).toBe(true);
  });
});
