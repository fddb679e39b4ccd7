import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { makeFolder, makePrivateFolder } from "./private-folder.ts";
import { replaceablePath, replaceFile, replaceFileSync, rewriteFileSync } from "./replace-file.ts";
import { DamagedFile, sealed, unsealed } from "./sealed.ts";

let folder: string;
let umask: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-files-"));
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true, force: true });
});
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("a folder", () => {
  test("is its owner's alone, with all those made above it", () => {
    makeFolder(join(folder, "a", "b"));
    expect([modeOf(join(folder, "a")), modeOf(join(folder, "a", "b"))]).toEqual([0o700, 0o700]);
  });

  test("that exists is not changed, unless it is this system's alone", () => {
    const path = join(folder, "shared");
    mkdirSync(path, { mode: 0o755 });
    makeFolder(path);
    expect(modeOf(path)).toBe(0o755);
    makePrivateFolder(path);
    expect(modeOf(path)).toBe(0o700);
  });

  test.each(["/proc/nothing", "/proc/nothing/data", "/dev/null", "/dev/null/data"])(
    "that cannot be made (%s) is an error at once",
    (path) => {
      expect(() => makeFolder(path)).toThrow();
    },
  );
});

describe.each([
  ["replaceFile", replaceFile],
  ["replaceFileSync", async (path: string, text: string) => replaceFileSync(path, text)],
])("%s", (_, replace) => {
  test("puts a text in the place of another, for its owner alone, with the folder it needs", async () => {
    const path = join(folder, "new", "file");
    await replace(path, "one");
    chmodSync(path, 0o644);
    await replace(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect([modeOf(path), modeOf(join(folder, "new"))]).toEqual([0o600, 0o700]);
    expect(readdirSync(join(folder, "new"))).toEqual(["file"]);
  });

  test("keeps what was there, and no draft, when it fails", async () => {
    mkdirSync(join(folder, "file", "in the way"), { recursive: true });
    await expect(replace(join(folder, "file"), "text")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(existsSync(join(folder, "file", "in the way"))).toBe(true);
  });
});

describe("a sealed value", () => {
  const value = { name: "订单", n: 1.5, deep: { list: [1, "2", null] }, "10": "a key that sorts first" };
  const text = sealed(value);

  test("comes back as it was, also when it was kept without a checksum", () => {
    expect(unsealed("f", text)).toEqual(value);
    expect(unsealed("f", JSON.stringify(value))).toEqual(value);
  });

  test("with any byte changed is refused, or read as it was written", () => {
    const bytes = Buffer.from(text);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      for (const flip of [0x01, 0x20, 0x80]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const read = readOf(damaged.toString());
        if (read === undefined) refused += 1;
        else expect(read).toMatchObject(value);
      }
    }
    // Where the name of the checksum is changed, there is none.
    expect(refused).toBe((bytes.length - "checksum".length) * 3);
  });

  test("cut off anywhere is refused", () => {
    for (let end = 0; end < text.length; end += 1) expect(readOf(text.slice(0, end))).toBeUndefined();
  });

  function readOf(damaged: string): object | undefined {
    try {
      return unsealed("f", damaged);
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedFile);
      return undefined;
    }
  }
});

describe("a file that people have made", () => {
  test("stays where a link leads, with its mode", () => {
    const [real, link] = [join(folder, "real"), join(folder, "link")];
    writeFileSync(real, "1");
    chmodSync(real, 0o640);
    symlinkSync("real", link);
    rewriteFileSync(link, "2");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([readFileSync(real, "utf8"), modeOf(real)]).toEqual(["2", 0o640]);
    expect(readdirSync(folder).sort()).toEqual(["link", "real"]);
  });

  test("is a file: a device or a folder is not replaced by one", () => {
    for (const path of ["/dev/null", folder]) {
      expect(() => replaceablePath(path)).toThrow(`${path} is no regular file`);
      expect(() => rewriteFileSync(path, "2")).toThrow(`${path} is no regular file`);
    }
    const missing = join(folder, "missing");
    expect(replaceablePath(missing)).toBe(missing);
  });
});
