// Contacts over records in memory.

import { describe, expect, test } from "@jest/globals";
import { addressFor, createContacts, isAddress } from "./contacts.ts";
import { testWorld, user } from "./test-world.ts";

const EMAIL = "ann@example.com";
const ann = user("ann", { email: EMAIL });
const seller = user("ann", { email: EMAIL, scopes: ["sell"] });

describe("Contacts", () => {
  test("are the address in a user's token, with the time", async () => {
    const { contacts, records } = testWorld();
    await contacts.update(ann);
    expect(records.writes).toEqual([
      { user: "ann", email: EMAIL, sells: false, updatedAt: "2026-11-01T12:00:00.000Z" },
    ]);
    expect(await contacts.find("ann")).toEqual({ email: EMAIL, sells: false });
  });

  test("are written again only when the token says what this process does not know", async () => {
    const { contacts, records } = testWorld();
    await contacts.update(ann);
    await contacts.update(ann);
    expect(records.writes).toHaveLength(1);
    await contacts.update(user("ann", { email: "ann@example.org" }));
    expect(records.kept.get("ann")?.email).toBe("ann@example.org");
    expect(records.writes).toHaveLength(2);
  });

  test("are not written when another process has stored the same", async () => {
    const { contacts, records } = testWorld();
    records.kept.set("ann", { email: EMAIL, sells: true });
    await contacts.update(ann);
    await contacts.update(seller);
    expect([records.reads, records.writes]).toEqual([["ann"], []]);
  });

  test("keep that a user has acted as a seller, also when they act as a buyer again", async () => {
    const { contacts, records } = testWorld();
    await contacts.update(ann);
    await contacts.update(seller);
    await contacts.update(seller);
    await contacts.update(ann);
    expect(records.writes).toHaveLength(2);
    await contacts.update(user("ann", { email: "ann@example.org" }));
    expect(await contacts.find("ann")).toEqual({ email: "ann@example.org", sells: true });
  });

  test("keep the language of the last token that named one", async () => {
    const { contacts, records } = testWorld();
    await contacts.update(user("ann", { email: EMAIL, locale: "zh-CN" }));
    await contacts.update(ann);
    expect(records.writes).toHaveLength(1);
    expect(await contacts.find("ann")).toEqual({ email: EMAIL, sells: false, locale: "zh-CN" });
    await contacts.update(user("ann", { email: EMAIL, locale: "en" }));
    expect(records.kept.get("ann")?.locale).toBe("en");
  });

  test("are not taken from a token without a valid address", async () => {
    const { contacts, records } = testWorld();
    await contacts.update(user("ann"));
    await contacts.update(user("ann", { email: "ann@example.com, bob@example.com" }));
    expect(records.writes).toEqual([]);
  });

  test("do not count as kept when the write failed", async () => {
    const { records } = testWorld();
    const failing = { ...records, write: () => Promise.reject(new Error("away")) };
    const contacts = createContacts(failing, Date.now);
    await expect(contacts.update(ann)).rejects.toThrow("away");
    expect(await contacts.find("ann")).toBeUndefined();
  });

  test("are read once, and a missing one again after a minute", async () => {
    const { contacts, records, clock } = testWorld();
    expect(await contacts.find("bob")).toBeUndefined();
    expect(await contacts.find("bob")).toBeUndefined();
    expect(records.reads).toEqual(["bob"]);
    records.kept.set("bob", { email: "bob@example.com", sells: false });
    clock.time += 60_001;
    expect((await contacts.find("bob"))?.email).toBe("bob@example.com");
    expect((await contacts.find("bob"))?.email).toBe("bob@example.com");
    expect(records.reads).toEqual(["bob", "bob"]);
  });
});

test("mail to a seller goes only to who has acted as one; to a buyer, to anyone with an address", () => {
  const contact = (sells: boolean) => ({ email: EMAIL, sells });
  expect(addressFor(contact(false), "buyer")).toBe(EMAIL);
  expect(addressFor(contact(true), "seller")).toBe(EMAIL);
  expect(addressFor(contact(false), "seller")).toBeUndefined();
  expect(addressFor(null, "buyer")).toBeUndefined();
  expect(addressFor(undefined, "buyer")).toBeUndefined();
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
    "ann@example.com\0",
    "ann\u200b@example.com",
    "ann@bob@example.com",
    `${"a".repeat(65)}@example.com`,
    "",
  ])("may not be %j", (address) => {
    expect(isAddress(address)).toBe(false);
  });
});
