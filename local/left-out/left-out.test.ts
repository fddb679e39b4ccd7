import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "..", "..");
const HERE = "local/left-out";

const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), "utf8"));

const { optionalDependencies, overrides } = z
  .object({
    optionalDependencies: z.record(z.string(), z.string()),
    overrides: z.record(z.string(), z.unknown()),
  })
  .parse(read("package.json"));

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        resolved: z.string().optional(),
        dependencies: z.record(z.string(), z.string()).optional(),
      }),
    ),
  })
  .parse(read("package-lock.json"));

const leftOut = Object.keys(optionalDependencies);

/** Who still has a package of this name of his own, as he uses it. */
const USED_BY: Readonly<Record<string, readonly string[]>> = {
  execa: ["jest-changed-files"],
  glob: ["@jest/reporters", "jest-config", "jest-runtime"],
};

/** What `code` prints in a process of its own; `failure` is the message of what is thrown. `use` is awaited. */
function printed(code: string): unknown {
  const begin = `
    const failure = async (use) => { try { return { given: typeof (await use()) }; } catch ({ message }) { return message; } };
    const print = (value) => process.stdout.write(JSON.stringify(value));`;
  return JSON.parse(execFileSync(process.execPath, ["-e", begin + code], { cwd: ROOT, encoding: "utf8" }));
}

describe("a package that is left out", () => {
  test("is nowhere in the lock file, but for one that somebody uses", () => {
    expect(leftOut.length).toBeGreaterThan(10);
    for (const name of leftOut) {
      const places = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
      const [others, here] = [false, true].map((same) =>
        places.filter(([, { resolved }]) => (resolved === HERE) === same).map(([path]) => path),
      );
      expect([name, here]).toEqual([name, [`node_modules/${name}`]]);
      const own = (USED_BY[name] ?? []).map((user) => `node_modules/${user}/node_modules/${name}`);
      expect([name, others]).toEqual([name, own]);
    }
  });

  test("is named by a package that is installed: otherwise it needs no stand-in", () => {
    const named = Object.entries(lock.packages).flatMap(([path, { dependencies }]) =>
      path === "" ? [] : Object.keys(dependencies ?? {}),
    );
    expect(leftOut.filter((name) => !named.includes(name))).toEqual([]);
  });

  test("is replaced by this folder for all who name it", () => {
    const texts = JSON.stringify(overrides);
    for (const [name, from] of Object.entries(optionalDependencies)) {
      expect([name, from]).toEqual([name, `file:${HERE}`]);
      expect(texts).toContain(`${JSON.stringify(name)}:${JSON.stringify(`$${name}`)}`);
    }
  });
});

const SEE = "which this project leaves out: see docs/decisions/007-dependencies.md";

describe("the stand-in", () => {
  test("does nothing while others are loaded: names are taken, classes extended, objects made", () => {
    const seen = printed(`
      const standIn = require("formstream");
      const { file, default: main } = standIn;
      class Form extends main.Stream {}
      const made = new Form();
      const parser = new standIn.Parser({ strict: true });
      (async () => print([typeof file, typeof (await parser), JSON.stringify({ made }), made instanceof Form, {} instanceof main]))();`);
    expect(seen).toEqual(["function", "function", "{}", false, false]);
  });

  test("says in one line what is missing, and who needs it", () => {
    const failures = printed(`
      const docker = "./node_modules/serverless-offline/src/lambda/handler-runner/docker-runner/index.js";
      const standIn = require("formstream");
      Promise.all([
        // An upload by the client of nacos.
        failure(() => require("urllib").request("http://127.0.0.1:9", { files: __filename })),
        failure(() => import(docker)),
        failure(() => standIn()),
        failure(() => [...standIn.list]),
        failure(() => \`\${new standIn.Text()}\`),
      ]).then(print);`);
    expect(failures).toEqual([
      `urllib needs formstream, ${SEE}`,
      `serverless-offline needs execa or is-wsl or java-invoke-local or jszip or p-memoize, ${SEE}`,
      ...Array(3).fill(`One of your files needs ${leftOut.join(" or ")}, ${SEE}`),
    ]);
  });
});

describe("jest", () => {
  const jest = async (...args: string[]) => {
    const folder = await mkdtemp(join(tmpdir(), "cfmp-coverage-"));
    const test = [
      "tools/import-graph/layers.test.ts",
      "--collectCoverageFrom",
      "tools/import-graph/layers.ts",
    ];
    const command = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", ...test, "--coverage"];
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...command, "--coverageDirectory", folder, "--no-cache", ...args],
        { cwd: ROOT },
      );
      return stdout;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  test("measures coverage without babel", async () => {
    expect(await jest()).toMatch(/layers\.ts +\| +100 /);
  });

  test("says what is missing when it is to measure with babel", async () => {
    await expect(jest("--coverageProvider", "babel")).rejects.toThrow(SEE);
  });
});

describe("smaller packages in the place of others", () => {
  test("read the headers of a call to serverless-offline's Lambda port", () => {
    const invoked = printed(`
      import("./node_modules/serverless-offline/src/lambda/routes/invocations/invocationsRoute.js").then(async ({ default: route }) => {
        const seen = [];
        const lambda = {
          getByFunctionName: () => ({ setEvent: (event) => seen.push(event), setClientContext: (context) => seen.push(context), runHandler: () => "ok" }),
          listFunctionNames: () => ["one"],
          listFunctionNamePairs: () => ({ one: "one" }),
        };
        const context = Buffer.from('{"custom":1}').toString("base64");
        const headers = { "X-Amz-Client-Context": context, "x-amz-invocation-type": "RequestResponse" };
        const request = { headers, params: { functionName: "one" }, payload: Buffer.from('{"id":7}') };
        const response = (body) => ({ code: (status) => ({ body, status, header() {} }) });
        const { body, status } = await route(lambda, {}).handler(request, { response });
        print([status, body, seen]);
      });`);
    expect(invoked).toEqual([200, JSON.stringify("ok"), expect.arrayContaining([{ id: 7 }, { custom: 1 }])]);
  });

  test("remove what nacos' configuration client has kept", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cfmp-kept-"));
    await mkdir(join(folder, "below"));
    await writeFile(join(folder, "below", "one"), "text");
    printed(`require("mz-modules").rimraf(${JSON.stringify(folder)}).then(() => print(null));`);
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
  });
});
