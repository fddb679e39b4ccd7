// What is deployed comes from known packages: each pinned by a checksum, under a licence that allows it, without install scripts.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";

const root = join(import.meta.dirname, "..", "..", "..");

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
      resolved: z.string().optional(),
      devOptional: z.boolean().optional(),
      integrity: z.string().optional(),
      license: z.union([z.string(), z.array(z.string())]).optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

/** By path in node_modules; folders of this project, which stand in for packages, are not among them. */
const locked = Object.entries(
  lock.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))).packages,
)
  .filter(([path, { link }]) => path.startsWith("node_modules/") && !link)
  .map(([path, entry]) => ({ path, ...entry }));

/** All that `npm ci --omit=dev` installs. */
const deployed = locked.filter(({ dev, devOptional }) => !dev && !devOptional);

/** Licences that ask for no more than their text to be kept. */
const ALLOWED = new Set([
  "0BSD",
  "Apache",
  "Apache-2.0",
  "Apache2",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "UNLICENSE",
  "Unlicense",
]);

/** Packages whose package.json names no licence, and where it is said. */
const SAID_ELSEWHERE: Readonly<Record<string, string>> = {
  "node_modules/nacos-config": "a part of nacos-sdk-nodejs, Apache-2.0, like nacos and nacos-naming",
};

const namesOf = (license: string | readonly string[] | undefined): readonly string[] =>
  typeof license === "string" ? license.replace(/[()]/g, "").split(" OR ") : (license ?? []);

describe("what is installed", () => {
  test("is pinned by a checksum, package by package, for every platform", () => {
    expect(locked.length).toBeGreaterThan(500);
    expect(locked.filter(({ integrity }) => !integrity?.startsWith("sha512-"))).toEqual([]);
  });

  test("comes from no registry that the lock file names", () => {
    expect(locked.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});

describe("what is deployed", () => {
  test("is known package by package", () => {
    expect(deployed.length).toBeGreaterThan(50);
  });

  test("is under licences that allow it", () => {
    const others = deployed.filter(({ path, license }) => {
      if (license === undefined && SAID_ELSEWHERE[path] !== undefined) return false;
      return !namesOf(license).some((name) => ALLOWED.has(name));
    });
    expect(others.map(({ path, license }) => [path, license])).toEqual([]);
  });

  test("runs no script when it is installed, unless package.json says so", () => {
    const { allowScripts }: { allowScripts: Record<string, boolean> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    const scripts = deployed
      .filter(({ hasInstallScript }) => hasInstallScript)
      .map(({ path }) => path.replace(/^.*node_modules\//, ""));
    expect(scripts.filter((name) => allowScripts[name] !== false)).toEqual([]);
  });
});
