import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ConfigFiles } from "./config-files.ts";
import { ConfigStore } from "./config-store.ts";

const key = { tenant: "public", group: "G", dataId: "settings" };
const other = { ...key, dataId: "other" };
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

let folder: string;
let file: string;
const open = () => ConfigStore.open(new ConfigFiles(folder, log), Date.now, quiet);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-configs-"));
  await (await open()).publish(key, '{"limit":10}', "json");
  file = join(folder, readdirSync(folder)[0] ?? "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a configuration that cannot be stored is refused, the one before it stays, and it can be published later", async () => {
  const store = await open();
  const received: string[] = [];
  const watched = await ConfigStore.open(new ConfigFiles(folder, log), Date.now, ({ dataId }) =>
    received.push(dataId),
  );
  rmSync(file);
  // In the file's place, since a full disk can't be had here.
  mkdirSync(join(file, "in the way"), { recursive: true });
  for (const each of [store, watched]) {
    await expect(each.publish(key, "new", undefined)).rejects.toMatchObject({
      status: 503,
      code: "config_not_stored",
    });
    expect(each.get(key)?.content).toBe('{"limit":10}');
  }
  expect(received).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
  rmSync(file, { recursive: true });
  await watched.publish(key, "new", undefined);
  expect(received).toEqual([key.dataId]);
  expect((await open()).get(key)?.content).toBe("new");
});

test("the contents together have a limit, also after a restart; what makes room is always possible", async () => {
  const limited = () => ConfigStore.open(new ConfigFiles(folder, log), Date.now, quiet, 20);
  const full = { status: 503, code: "registry_full" };
  const store = await limited();
  await store.publish(other, "12345678", undefined);
  await expect(store.publish(other, "123456789", undefined)).rejects.toMatchObject(full);
  expect(store.get(other)?.content).toBe("12345678");
  const again = await limited();
  await expect(again.publish({ ...key, dataId: "third" }, "1", undefined)).rejects.toMatchObject(full);
  await again.publish(key, "1", undefined);
  await again.publish({ ...key, dataId: "third" }, "12345678901", undefined);
  await again.remove(other);
  await again.publish(other, "12345678", undefined);
});

describe("a configuration whose file is damaged", () => {
  /** What is read after the file was changed: never another content. */
  async function expectRefusedOrRight(damaged: Buffer): Promise<void> {
    writeFileSync(file, damaged);
    const store = await open();
    try {
      expect(store.get(key)).toMatchObject({ ...key, content: '{"limit":10}', type: "json" });
    } catch (error) {
      expect(error).toMatchObject({ status: 503, code: "config_damaged" });
    }
  }

  test("in any byte is never read as another one, and never as none", async () => {
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      await expectRefusedOrRight(damaged);
    }
  });

  test("by being cut off anywhere, likewise", async () => {
    const bytes = readFileSync(file);
    for (let end = 0; end < bytes.length; end += 7) await expectRefusedOrRight(bytes.subarray(0, end));
  });

  test("as an earlier version wrote it is noticed by its MD5", async () => {
    const { checksum: _, ...config } = JSON.parse(readFileSync(file, "utf8"));
    await expectRefusedOrRight(Buffer.from(JSON.stringify(config)));
    writeFileSync(file, JSON.stringify({ ...config, content: '{"limit":11}' }));
    const store = await open();
    expect(() => store.get(key)).toThrow(/settings.*damaged.*Publish it again/);
  });

  test("does not count as changed for who waits for a change, and holds up no other", async () => {
    writeFileSync(file, "");
    const store = await open();
    await store.publish(other, "text", undefined);
    expect([store.differs(key, "a md5"), store.differs(key, ""), store.differs(other, "")]).toEqual([
      false,
      false,
      true,
    ]);
    expect(store.get(other)?.content).toBe("text");
  });

  test.each([
    ["published again", (store: ConfigStore) => store.publish(key, "new", undefined), "new"],
    ["removed", (store: ConfigStore) => store.remove(key), undefined],
  ])("is whole again when it is %s", async (_, repair, content) => {
    writeFileSync(file, "");
    const store = await open();
    await repair(store);
    expect(store.get(key)?.content).toBe(content);
    expect((await open()).get(key)?.content).toBe(content);
  });
});
