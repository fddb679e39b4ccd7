// The clients that people install, each in the version they install, and how to get it.

import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { mustRun } from "../../support/run.ts";
import { fetched, jarsOf, pythonWith } from "../../support/tools.ts";
import type { Program } from "./driver.ts";

export interface NacosClient {
  /** `Python`, `Java` … */
  readonly language: string;
  readonly package: string;
  readonly version: string;
  readonly protocol: "HTTP" | "gRPC";
  /** Installs it unless it is there. @throws {Error} when what it needs is missing on this machine. */
  readonly install: () => Promise<Program>;
}

const here = import.meta.dirname;

export const clients: readonly NacosClient[] = [
  python("0.1.5", "HTTP"),
  python("1.0.0", "HTTP"),
  python("2.0.11", "gRPC"),
  python("3.2.0", "gRPC"),
  java("1.4.8", "HTTP"),
  java("2.5.1", "gRPC"),
  java("3.1.0", "gRPC"),
  go("v1.1.4", "HTTP"),
  go("v2.3.2", "gRPC"),
  node("nacos", "2.6.3", "HTTP", "nacos.mjs"),
  node("nacos-sdk-rust-binding-node", "0.8.0", "gRPC", "rust.mjs"),
];

function python(version: string, protocol: NacosClient["protocol"]): NacosClient {
  const install = async () => {
    const bin = await pythonWith([`nacos-sdk-python==${version}`]);
    const driver = join(here, "python", protocol === "HTTP" ? "http_driver.py" : "grpc_driver.py");
    return { command: join(bin, "python"), args: [driver], env: { PYTHONDONTWRITEBYTECODE: "1" } };
  };
  return { language: "Python", package: "nacos-sdk-python", version, protocol, install };
}

function java(version: string, protocol: NacosClient["protocol"]): NacosClient {
  const source = join(here, "java", "Driver.java");
  const install = async () => {
    const jars = join(await jarsOf(join(here, "java", "pom.xml"), { "nacos.version": version }), "*");
    const compile = (folder: string) => mustRun("javac", ["-nowarn", "-cp", jars, "-d", folder, source]);
    const classes = await fetched("java-driver", [version, await readFile(source, "utf8")], compile);
    const options = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.home=."];
    return { command: "java", args: [...options, "-cp", [classes, jars].join(delimiter), "Driver"] };
  };
  return { language: "Java", package: "nacos-client", version, protocol, install };
}

function go(version: string, protocol: NacosClient["protocol"]): NacosClient {
  const module = `github.com/nacos-group/nacos-sdk-go${version.startsWith("v1.") ? "" : "/v2"}`;
  const install = async () => {
    const source = (await readFile(join(here, "go", "main.go"), "utf8")).replaceAll(
      "github.com/nacos-group/nacos-sdk-go/v2",
      module,
    );
    const fitting = version.startsWith("v1.")
      ? source.replace("instances []model.Instance", "instances []model.SubscribeService")
      : source;
    const build = async (folder: string) => {
      await writeFile(join(folder, "main.go"), fitting);
      await writeFile(join(folder, "go.mod"), `module driver\n\ngo 1.21\n\nrequire ${module} ${version}\n`);
      for (const args of [
        ["mod", "tidy"],
        ["build", "-o", "driver", "."],
      ])
        await mustRun("go", args, { cwd: folder });
    };
    const folder = await fetched("go-driver", [version, fitting], build);
    return { command: join(folder, "driver"), args: [] };
  };
  return { language: "Go", package: "nacos-sdk-go", version, protocol, install };
}

function node(name: string, version: string, protocol: NacosClient["protocol"], driver: string): NacosClient {
  const install = async () => {
    const add = async (folder: string) => {
      await writeFile(join(folder, "package.json"), "{}");
      await mustRun("npm", ["install", "--silent", `${name}@${version}`], { cwd: folder });
    };
    const folder = await fetched("node", [name, version], add);
    const args = [join(here, "javascript", driver)];
    return { command: process.execPath, args, env: { NACOS_PACKAGES: folder } };
  };
  return { language: "Node.js", package: `\`${name}\``, version, protocol, install };
}
