import { describe, expect, test } from "@jest/globals";
import { createContactBook, isAddress } from "./contact-book.ts";
import { testWorld, user } from "./test-world.ts";

describe("The contact book", () => {
  test("keeps the address in a user's token, with the time", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(user("ann", { email: "ann@example.com" }));
    expect(records.writes).toEqual([
      { user: "ann", email: "ann@example.com", updatedAt: "2026-11-01T12:00:00.000Z" },
    ]);
    expect(await contacts.addressOf("ann")).toBe("ann@example.com");
  });

  test("writes again only when the address differs from what this process knows", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(user("ann", { email: "ann@example.com" }));
    await contacts.learn(user("ann", { email: "ann@example.com" }));
    expect(records.writes).toHaveLength(1);
    await contacts.learn(user("ann", { email: "ann@example.org" }));
    expect(records.kept.get("ann")).toBe("ann@example.org");
  });

  test("learns nothing from a token without a proper address", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(user("ann"));
    await contacts.learn(user("ann", { email: "ann@example.com, bob@example.com" }));
    expect(records.writes).toEqual([]);
  });

  test("does not take an address for kept when the write failed", async () => {
    const { records, cache } = testWorld();
    const failing = { ...records, write: () => Promise.reject(new Error("away")) };
    const contacts = createContactBook(failing, cache, Date.now);
    await expect(contacts.learn(user("ann", { email: "ann@example.com" }))).rejects.toThrow("away");
    expect(cache.known("ann")).toBeUndefined();
  });

  test("asks once for an address, and for a missing one again after a minute", async () => {
    const { contacts, records, clock } = testWorld();
    expect(await contacts.addressOf("bob")).toBeUndefined();
    expect(await contacts.addressOf("bob")).toBeUndefined();
    expect(records.reads).toEqual(["bob"]);
    records.kept.set("bob", "bob@example.com");
    clock.time += 60_001;
    expect(await contacts.addressOf("bob")).toBe("bob@example.com");
    expect(await contacts.addressOf("bob")).toBe("bob@example.com");
    expect(records.reads).toEqual(["bob", "bob"]);
  });
});

describe("An address", () => {
  test.each(["ann@example.com", "a.b+c@mail.example.com", "李雷@例子.cn"])("may be %s", (address) => {
    expect(isAddress(address)).toBe(true);
  });

  test.each([
    "ann",
    "@example.com",
    "ann@",
    "ann@example.com,bob@example.com",
    "Ann <ann@example.com>",
    "ann@example.com\r\nBcc: bob@example.com",
    "ann bob@example.com",
    "ann@bob@example.com",
    `${"a".repeat(65)}@example.com`,
    "",
  ])("may not be %j", (address) => {
    expect(isAddress(address)).toBe(false);
  });
});
