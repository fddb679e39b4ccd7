// A plugin of `serverless package` and `deploy`: each function becomes a zip of its own bundle, the bundle's
// source maps, and the files that it reads.

import { globSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { bundleOf } from "./bundle.ts";
import { zipOf } from "./zip.ts";

export interface PackagedFunction {
  readonly handler: string;
  /** Read and set by osls: files to add, or the archive itself. */
  package?: { readonly patterns?: readonly string[]; readonly artifact?: string };
}

interface Serverless {
  readonly serviceDir: string;
  /** Its errors are shown without a stack. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  readonly service: {
    readonly functions: Readonly<Record<string, PackagedFunction>>;
    readonly package: { readonly patterns?: readonly string[] };
  };
}

/** Where osls keeps what it packages, until it moves it to `--package`. */
const FOLDER = ".serverless";

export default class Packaging {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless, options: { readonly function?: string }) {
    const { functions } = serverless.service;
    const pack = async (keys: readonly string[]) => {
      try {
        await packageFunctions(serverless, keys);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        throw new serverless.classes.Error(error.message, "PACKAGING_FAILED");
      }
    };
    this.hooks = {
      "before:package:createDeploymentArtifacts": () => pack(Object.keys(functions)),
      "before:deploy:function:packageFunction": () =>
        pack(options.function === undefined ? [] : [options.function]),
    };
  }
}

/** Writes an archive for each of the functions `keys` that has none, and tells osls where it is. */
async function packageFunctions({ serviceDir, service }: Serverless, keys: readonly string[]): Promise<void> {
  await mkdir(join(serviceDir, FOLDER), { recursive: true });
  const bundles = new Map<string, ReturnType<typeof bundleOf>>();
  await Promise.all(
    keys.map(async (key) => {
      const definition = service.functions[key];
      if (definition === undefined || definition.package?.artifact !== undefined) return;
      const file = definition.handler.slice(0, definition.handler.lastIndexOf("."));
      const bundle = bundles.get(file) ?? bundleOf(join(serviceDir, `${file}.ts`));
      bundles.set(file, bundle);
      const patterns = [...(service.package.patterns ?? []), ...(definition.package?.patterns ?? [])];
      const files = await filesOf(serviceDir, patterns);
      const { code, map, parts } = await bundle;
      for (const [name, content] of parts) files.set(`${dirname(file)}/${name}`, content);
      files.set(`${file}.mjs`, code);
      files.set(`${file}.mjs.map`, map);
      const artifact = join(FOLDER, `${key}.zip`);
      await writeFile(join(serviceDir, artifact), await zipOf(files));
      definition.package = { ...definition.package, artifact };
    }),
  );
}

/** Contents of the files below `folder` that `patterns` name, by path; one that begins with `!` takes files out. */
async function filesOf(folder: string, patterns: readonly string[]): Promise<Map<string, Uint8Array>> {
  const named = (chosen: readonly string[]) => new Set(globSync([...chosen], { cwd: folder }));
  const without = named(patterns.filter((one) => one.startsWith("!")).map((one) => one.slice(1)));
  const files = new Map<string, Uint8Array>();
  for (const path of named(patterns.filter((one) => !one.startsWith("!")))) {
    if (without.has(path) || !(await stat(join(folder, path))).isFile()) continue;
    files.set(path.replaceAll(sep, "/"), await readFile(join(folder, path)));
  }
  return files;
}
