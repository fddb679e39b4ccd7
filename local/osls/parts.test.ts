import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PLUGINS, PROVIDER, USED_SELDOM } from "./parts.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** What `code` prints in a process of its own, in which `require` is osls' own and `parts` this folder's. */
function printed(code: string): unknown {
  const begin = `
    const { createRequire } = process.getBuiltinModule("node:module");
    const parts = require("./local/osls/parts.ts");
    const osls = createRequire(require.resolve("serverless/package.json"));
    const loaded = (part) => Object.keys(require.cache).some((path) => path.includes(part));
    const print = (value) => process.stdout.write(JSON.stringify(value));`;
  const output = execFileSync(process.execPath, ["-e", `${begin}${code}`], { cwd: ROOT, encoding: "utf8" });
  return JSON.parse(output);
}

test("what is loaded when it is used has functions and classes alone, as far as osls takes something of it", () => {
  // The SDK's lists of values and errors are not used by osls.
  const others = printed(`
    const own = (name, exports) => name.startsWith("@")
      ? Object.entries(exports).filter(([key]) => /(Client|Command)$/.test(key))
      : [["itself", Object.keys(exports).length === 0 ? exports : () => {}], ...Object.entries(exports)];
    print(parts.USED_SELDOM.map((name) => [name, own(name, osls(name)).map(([, value]) => typeof value)]));`);
  for (const [name, types] of Object(others))
    expect([name, new Set(types)]).toEqual([name, new Set(["function"])]);
  expect(USED_SELDOM.length).toBeGreaterThan(5);
});

test("osls with its plugins loads none of that, and then what is used, which is the same as ever", () => {
  const [before, after, region] = Object(
    printed(`
      parts.loadSeldomUsedLater();
      parts.loadProviderAlone();
      osls("./lib/serverless");
      const plugins = osls("./lib/plugins");
      const heavy = ["@aws-sdk/core/", "@smithy/core/", "credential-provider", "/undici/", "/ajv/", "/plugins/aws/deploy"];
      const before = heavy.filter(loaded);
      const { STSClient } = osls("@aws-sdk/client-sts");
      const client = new STSClient({ region: "eu-west-1" });
      client.config.region().then((region) =>
        print([before, plugins.map(({ name }) => name), [region, client.constructor.name, loaded("@aws-sdk/core/")]]));`),
  );
  expect(before).toEqual([]);
  expect(after).toEqual(["AwsProvider"]);
  expect(region).toEqual(["eu-west-1", "STSClient", true]);
});

test("only the provider has a stand-in for what credentials are kept with: whoever loads it later gets the module", () => {
  const [names, loads] = Object(
    printed(`
      parts.loadSeldomUsedLater();
      parts.loadProviderAlone();
      osls("./lib/plugins");
      const before = loaded("@smithy/core/");
      const names = Object.entries(osls(parts.CREDENTIALS)).filter(([, value]) => typeof value === "function");
      print([names.map(([name]) => name), [before, loaded("@smithy/core/")]]);`),
  );
  // What the provider takes of it.
  expect(names).toEqual(
    expect.arrayContaining(["memoizeIdentityProvider", "isIdentityExpired", "doesIdentityRequireRefresh"]),
  );
  expect(loads).toEqual([false, true]);
});

test("the provider alone, with the SDK's clients, works as ever", () => {
  const region = printed(`
    parts.loadProviderAlone();
    osls("./lib/plugins");
    const { STSClient } = osls("@aws-sdk/client-sts");
    new STSClient({ region: "eu-west-1" }).config.region().then(print);`);
  expect(region).toBe("eu-west-1");
});

test("what osls says is shown as ever, by a reporter that the first message loads", () => {
  const says = (before: string) => {
    const code = `
      const { createRequire } = process.getBuiltinModule("node:module");
      const osls = createRequire(require.resolve("serverless/package.json"));
      ${before}
      osls("./lib/utils/serverless-utils/log-reporters/node");
      const { log } = osls("./lib/utils/serverless-utils/log");
      const loaded = () => process.stdout.write(String(Object.keys(require.cache).some((path) => path.includes("/log-node/"))) + " ");
      log.get("deprecation").info("hidden");
      log.get("process").debug("hidden");
      loaded();
      log.get("deprecation").warning("%s is old", "a setting");
      loaded();
      for (const level of ["error", "warning", "notice", "info"]) log[level](level + "\\nof two lines");
      log.get("plugin").get("one").notice("of a plugin");`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], { cwd: ROOT, encoding: "utf8" });
    return { stdout, stderr };
  };
  const ever = says("");
  const later = says('require("./local/osls/reporter.ts").loadReporterLater(osls);');
  expect(ever).toMatchObject({ stdout: "true true ", stderr: expect.stringContaining("a setting is old") });
  expect(later).toEqual({ stdout: "false true ", stderr: ever.stderr });
});

test("of semver only what osls uses at a start is loaded, and everything when more is asked for", () => {
  const [used, before, after] = Object(
    printed(`
      parts.loadSeldomUsedLater();
      const semver = osls("semver");
      const used = [semver.coerce("v24.1").raw, semver.satisfies("4.3.1", "4"), semver.validRange("no range")];
      const before = loaded("/semver/ranges/subset");
      const parsed = semver.parse("1.2.3").major;
      print([used, before, [parsed, loaded("/semver/ranges/subset"), osls("semver").gt("2.0.0", "1.0.0"), "lt" in semver]]);`),
  );
  expect(used).toEqual(["24.1.0", true, null]);
  expect(before).toBe(false);
  expect(after).toEqual([1, true, true, true]);
});

test("osls reads YAML by the package's one file, which has the same members and takes the schema of osls", () => {
  const code = (before: string) => `
    ${before}
    const yaml = osls("js-yaml");
    const schema = osls("./lib/utils/serverless-utils/cloudformation-schema");
    const text = "a: !Ref b\\nc: &x [1, 2.5, 2026-01-01]\\nd: *x\\n<<: {e: ~}";
    const members = Object.keys(yaml).filter((name) => name !== "default").sort();
    let refusal;
    try { yaml.load("a: [", { filename: "serverless.yml" }); } catch (error) { refusal = [error.message, error instanceof yaml.YAMLException]; }
    print([loaded("/js-yaml/lib/"), members, yaml.load(text, { schema }), refusal]);`;
  const [whole, ...ever] = Object(printed(code("")));
  const [parts, ...now] = Object(printed(code("parts.loadSeldomUsedLater();")));
  expect([whole, parts]).toEqual([true, false]);
  expect(now).toEqual(ever);
  expect(now[1]).toEqual({ a: { Ref: "b" }, c: expect.any(Array), d: expect.any(Array), e: null });
});

test("the provider is one of osls' own plugins", () => {
  expect(printed(`print(osls(${JSON.stringify(PLUGINS)}).includes(osls(${JSON.stringify(PROVIDER)})))`)).toBe(
    true,
  );
});
