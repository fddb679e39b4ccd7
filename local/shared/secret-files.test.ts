import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { settingNames } from "../../functions/settings.ts";
import { loadEnvFiles } from "./env-file.ts";
import { readSecretFiles, SECRET_FILES } from "./secret-files.ts";

const folder = mkdtempSync(join(tmpdir(), "cfmp-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "key");
writeFileSync(path, `${"k".repeat(40)}\n`);

test("a secret that names a file is the file's text", () => {
  const env = { SECRET_KEY: `file:${path}`, SMTP_URL: "smtp://mail:25", HOST: `file:${path}` };
  readSecretFiles(env);
  expect(env).toEqual({ SECRET_KEY: "k".repeat(40), SMTP_URL: "smtp://mail:25", HOST: `file:${path}` });
});

test("so it is for every command, in .env as well", () => {
  writeFileSync(join(folder, ".env"), `SECRET_KEY=file:${path}\n`);
  const env: NodeJS.ProcessEnv = {};
  loadEnvFiles(env, { folder });
  expect(env["SECRET_KEY"]).toBe("k".repeat(40));
});

test("a file that is not there is one line that names the setting", () => {
  expect(() => readSecretFiles({ SANDBOX_SECRET: `file:${folder}/none` })).toThrow(
    expect.objectContaining({
      code: "secret_file_unreadable",
      message: expect.stringMatching(/^SANDBOX_SECRET: .*none can't be read/),
    }),
  );
});

test("each of them is a setting", () => {
  expect(SECRET_FILES.filter((name) => !settingNames.includes(name))).toEqual([]);
});

test("a file that is empty counts as not set, whatever the setting", () => {
  writeFileSync(join(folder, "empty"), "");
  const empty = `file:${folder}/empty`;
  const env = { SANDBOX_SECRET: empty, NACOS_CA: empty, LEMON_STAND_KEY: empty, HOST: "file:none" };
  readSecretFiles(env);
  expect(env).toEqual({ SANDBOX_SECRET: "", NACOS_CA: "", LEMON_STAND_KEY: "", HOST: "file:none" });
});

test("a key of any provider may stand in a file; one that can't be read is left for the provider to name", () => {
  const env = { LEMON_STAND_KEY: `file:${path}`, OTHER_KEY: "file:/nowhere/key" };
  readSecretFiles(env);
  expect(env).toEqual({ LEMON_STAND_KEY: "k".repeat(40), OTHER_KEY: "file:/nowhere/key" });
});
