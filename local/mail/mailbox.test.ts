import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Mailbox } from "./mailbox.ts";

const content = { message_id: "", from: "", to: "", date: "", text: "", html: null };
const subjects = (mailbox: Mailbox) => mailbox.list().map((mail) => mail.subject);

let folder: string;
let said: string[];
const open = (bounds?: { count: number; bytes: number }) =>
  Mailbox.open(folder, (level, message) => said.push(`${level} ${message}`), bounds);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-mailbox-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the newest mails are kept within the bounds, over a restart too", async () => {
  const mailbox = await open({ count: 3, bytes: 1_000 });
  for (const subject of ["1", "2", "3", "4"]) await mailbox.add({ ...content, subject });
  expect(subjects(mailbox)).toEqual(["4", "3", "2"]);
  await mailbox.add({ ...content, subject: "big", text: "x".repeat(900) });
  expect(subjects(mailbox)).toEqual(["big"]);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(subjects(await open())).toEqual(["big"]);
});

test("a mail that is damaged in any byte, or cut off, is named in the log, and holds up no other", async () => {
  const mailbox = await open();
  for (const subject of ["one", "two"]) await mailbox.add({ ...content, subject });
  const [name = ""] = readdirSync(folder).sort();
  const bytes = readFileSync(join(folder, name));
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x01;
    for (const text of [damaged, bytes.subarray(0, at)]) {
      said = [];
      writeFileSync(join(folder, name), text);
      const left = subjects(await open());
      // Where the name of the checksum is damaged, the mail is read as it was.
      expect(left).toEqual(said.length === 0 ? ["two", "one"] : ["two"]);
      if (said.length > 0) expect(said).toEqual(["warn a stored mail can't be read"]);
    }
  }
});

test("the draft of a mail whose writer was killed is removed", async () => {
  writeFileSync(join(folder, "000-1-000001.tmp"), "half a m");
  expect(subjects(await open())).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
