import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import Packaging, { type PackagedFunction } from "./packaging.ts";

class Refused extends Error {}

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "cfmp-packaging-"));
  write(
    "functions/a/one.ts",
    "export const handler = (event: { n: number }) => event.n + more;\nimport { more } from './more.ts';",
  );
  write("functions/a/more.ts", "export const more: number = 1;\nexport const other = 'is not used';");
  write("texts/x.txt", "x");
  write("texts/y.txt", "y");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(project, path, ".."), { recursive: true });
  writeFileSync(join(project, path), text);
}

async function packaged(
  functions: Record<string, PackagedFunction>,
  { patterns, only }: { readonly patterns?: readonly string[]; readonly only?: string } = {},
): Promise<void> {
  const serverless = {
    serviceDir: project,
    classes: { Error: Refused },
    service: { functions, package: patterns === undefined ? {} : { patterns } },
  };
  const { hooks } = new Packaging(serverless, only === undefined ? {} : { function: only });
  await hooks[
    only === undefined ? "before:package:createDeploymentArtifacts" : "before:deploy:function:packageFunction"
  ]?.();
}

/** Contents of an archive's files by path, by its local headers (APPNOTE.TXT, 4.3.7). */
function unzipped(archive: Buffer): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  // The lengths are in the central directory alone, as the archive is written in one go.
  let at = archive.readUInt32LE(archive.length - 6);
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const [packed, name] = [archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
    const header = archive.readUInt32LE(at + 42);
    const begin = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const bytes = archive.subarray(begin, begin + packed);
    const content = archive.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes);
    files.set(archive.toString("utf8", at + 46, at + 46 + name), content.toString("utf8"));
    at += 46 + name + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

const archiveOf = ({ package: own }: PackagedFunction): Buffer =>
  readFileSync(join(project, own?.artifact ?? ""));

test("a function is packaged as one module at its handler's place, with the files that it or all name", async () => {
  const one: PackagedFunction = {
    handler: "functions/a/one.handler",
    package: { patterns: ["texts/*", "!texts/y.txt"] },
  };
  const two: PackagedFunction = { handler: "functions/a/one.handler" };
  await packaged({ one, two }, { patterns: ["functions/a/more.ts"] });
  const files = unzipped(archiveOf(one));
  expect([...files.keys()]).toEqual([
    "functions/a/more.ts",
    "functions/a/one.mjs",
    "functions/a/one.mjs.map",
    "texts/x.txt",
  ]);
  expect(files.get("texts/x.txt")).toBe("x");
  expect([...unzipped(archiveOf(two)).keys()]).toEqual([
    "functions/a/more.ts",
    "functions/a/one.mjs",
    "functions/a/one.mjs.map",
  ]);
  const code = files.get("functions/a/one.mjs") ?? "";
  expect(code).not.toContain("is not used");
  writeFileSync(join(project, "one.mjs"), code);
  const call = `console.log((await import(${JSON.stringify(pathToFileURL(join(project, "one.mjs")).href)})).handler({ n: 41 }))`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", call], { encoding: "utf8" })).toBe(
    "42\n",
  );
});

test("the same files become the same archive, whenever and wherever they are packaged", async () => {
  const one: PackagedFunction = { handler: "functions/a/one.handler", package: { patterns: ["texts/*"] } };
  const again: PackagedFunction = {
    handler: "functions/a/one.handler",
    package: { patterns: ["texts/y.txt", "texts/x.txt"] },
  };
  await packaged({ one });
  write("texts/x.txt", "x");
  await packaged({ again });
  expect(archiveOf(again).equals(archiveOf(one))).toBe(true);
});

test("`deploy function` packages that one; an archive that somebody has made is kept", async () => {
  const one: PackagedFunction = { handler: "functions/a/one.handler" };
  const two: PackagedFunction = { handler: "functions/a/one.handler" };
  const made: PackagedFunction = { handler: "functions/a/one.handler", package: { artifact: "own.zip" } };
  await packaged({ one, two }, { only: "two" });
  expect([one.package, two.package]).toEqual([undefined, { artifact: join(".serverless", "two.zip") }]);
  await packaged({ made });
  expect(made.package).toEqual({ artifact: "own.zip" });
});

test("code that can't be bundled is refused with the place of the mistake", async () => {
  write("functions/a/broken.ts", "import './nowhere.ts';");
  const broken: PackagedFunction = { handler: "functions/a/broken.handler" };
  const refused = packaged({ broken });
  await expect(refused).rejects.toThrow(Refused);
  await expect(refused).rejects.toThrow(/broken\.ts:1:\d+: ERROR: Could not resolve "\.\/nowhere\.ts"/);
});
