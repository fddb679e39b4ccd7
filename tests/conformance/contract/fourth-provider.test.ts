import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { plantProvider } from "../../support/fourth-provider.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** Asks the copy what it knows of the provider. */
const QUESTIONS = `
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import plugins from "./build/esbuild-plugins.ts";
import { awsEnvironment } from "./build/environment.ts";
import { services } from "./functions/services.ts";
import { requireServiceSettings, settingNames } from "./functions/settings.ts";
import { payments } from "./functions/payments/contract.ts";
import { nextLiveCheck } from "./functions/payments/payment-checks.ts";
import { offeredProviders } from "./functions/payments/providers/offered.ts";
import { documents } from "./tools/generate/documents.ts";

const env = { LEMON_STAND_ID: "7", LEMON_STAND_KEY: "k", PAYMENT_CALLBACK_BASE_URL: "https://shop.example" };
const offered = (given) => offeredProviders(given, false, {});
const problem = (given) => { try { requireServiceSettings(given); } catch (error) { return error.problems; } };
const inputs = async (name) => {
  const { metafile } = await build({
    entryPoints: ["functions/payments/handlers/" + name + ".ts"], outdir: "out", write: false, metafile: true,
    bundle: true, platform: "node", format: "esm", external: ["nacos"], plugins, logLevel: "silent",
  });
  return Object.keys(metafile.inputs).some((path) => path.endsWith("lemon-stand/lemon-stand.ts"));
};
const body = { order_id: "0190a000-0000-7000-8000-000000000001", method: "lemon_stand" };
const example = documents.find(({ path }) => path === ".env.example");
console.log(JSON.stringify({
  example: await example.derive(readFileSync(".env.example", "utf8")),
  named: settingNames.filter((name) => name.startsWith("LEMON_")),
  half: problem({ LEMON_STAND_ID: "7" }),
  takes: payments.routes.createPayment.body.safeParse(body).success,
  offered: offered(env).has("lemon_stand"),
  withoutKey: offered({ ...env, LEMON_STAND_KEY: "" }).has("lemon_stand"),
  opens: await offered(env).get("lemon_stand").open({}),
  check: nextLiveCheck({ method: "lemon_stand", expires_at: "2030-01-01T00:00:00Z", checks: 0 }, 0),
  aws: [...awsEnvironment(services, env)].filter(([, all]) => "LEMON_STAND_KEY" in all).map(([key]) => key),
  bundles: { callback: await inputs("callback"), "get-payment": await inputs("get-payment") },
}));
`;

describe("a fourth payment provider is a folder and a line", () => {
  let folder: string;
  let known: Record<string, unknown>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cfmp-provider-"));
    for (const part of ["functions", "lib", "local", "build", "tools", "package.json", ".env.example"]) {
      await cp(join(root, part), join(folder, part), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await plantProvider(folder);
    await writeFile(join(folder, "questions.ts"), QUESTIONS);
    const env = { PATH: process.env["PATH"] };
    const { stdout } = await promisify(execFile)(process.execPath, ["questions.ts"], { cwd: folder, env });
    known = JSON.parse(stdout);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("its settings are known, and refused when they are set in part", () => {
    expect(known["named"]).toEqual(["LEMON_STAND_ID", "LEMON_STAND_KEY", "LEMON_STAND_CUPS"]);
    expect(known["half"]).toEqual([
      "LEMON_STAND_KEY is missing: Lemon Stand needs it",
      "PAYMENT_CALLBACK_BASE_URL is missing: Lemon Stand needs it",
    ]);
  });

  test(".env.example shows its settings with what they are and their defaults", () => {
    expect(known["example"]).toContain(
      "# - Lemon Stand\n# Id of your stand\nLEMON_STAND_ID=\n# Its key\nLEMON_STAND_KEY=\n# How many cups\nLEMON_STAND_CUPS=two\n",
    );
  });

  test("the contract takes its method, and it is offered where it is set whole", () => {
    expect(known).toMatchObject({ takes: true, offered: true, withoutKey: false, opens: { code: "7" } });
  });

  test("attempts are checked by its plan", () => {
    expect(known["check"]).toBe(1_000);
  });

  test("on AWS only PaymentService is given its keys, and only functions that ask providers carry its adapter", () => {
    expect(known).toMatchObject({ aws: ["payments"], bundles: { callback: true, "get-payment": false } });
  });
});
