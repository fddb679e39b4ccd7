// The Dockerfile, read as Docker would: nothing here needs an engine. Its steps are run by npm run test:servers.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as z from "zod";
import { services } from "../../../functions/services.ts";
import { ROOT } from "./compose-file.ts";

const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
  ([, from]) => from?.split(" ") ?? [],
);

test("copies what exists, all of it let through by .dockerignore", () => {
  const ignore = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  expect(copied.length).toBeGreaterThan(0);
  for (const path of copied) {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(ignore).toContain(`!${path.split("/")[0]}`);
  }
});

test("has pinned images, Node of the runtime's major version, production dependencies alone, and no root", () => {
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(images).toEqual([
    expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim$/),
    expect.stringMatching(/^debian:12\.\d+-slim$/),
  ]);
  expect(dockerfile).toMatch(/^RUN npm ci --omit=dev /m);
  expect(dockerfile).toMatch(/^USER 10001:10001$/m);
  // That user has no account that would say so.
  expect(dockerfile).toMatch(/^ENV .*\bHOME=\/tmp\b/m);
});

const manifest = z.object({ scripts: z.object({ serve: z.string() }) });
const words = z.array(z.string());

test("starts what npm run serve starts", () => {
  const entry = words.parse(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]"));
  const { scripts } = manifest.parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  expect(entry.join(" ")).toBe(scripts.serve);
  expect(existsSync(join(ROOT, entry.at(-1) ?? ""))).toBe(true);
});

test("asks for the health of whichever service it runs", () => {
  const check = words.parse(JSON.parse(/^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]"));
  expect(check).toEqual(["node", "local/server/health.cjs", ...services.map(({ port }) => String(port))]);
});
