// Gets the clients from their registries, each once, into the cache outside the repository, and builds their drivers.

import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { mustRun } from "../../support/run.ts";
import { fetched, jarsOf, pythonWith } from "../../support/tools.ts";
import type { Program } from "./program.ts";

const here = import.meta.dirname;
const GO_MODULE = "github.com/nacos-group/nacos-sdk-go/v2";

/** What to install where a command is missing. */
const NEEDS: Readonly<Record<string, string>> = {
  python3: "Python 3.10 or later with venv (Debian: python3-venv)",
  java: "Java 17 (Debian: openjdk-17-jdk-headless)",
  javac: "a Java development kit, 17 or later (Debian: openjdk-17-jdk-headless)",
  mvn: "Maven (Debian: maven)",
  go: "Go 1.21 or later (Debian: golang-go)",
};

export async function pythonDriver(requirement: string, file: string): Promise<Program> {
  await need("python3", ["-c", "import ensurepip, venv"]);
  const bin = await pythonWith([requirement]);
  const args = [join(here, "python", file)];
  return { command: join(bin, "python"), args, env: { PYTHONDONTWRITEBYTECODE: "1" } };
}

/** @param folder has `pom.xml` and `Driver.java`. */
export async function javaDriver(
  folder: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<Program> {
  await need("java", ["-version"]);
  await need("javac", ["-version"]);
  await need("mvn", ["-version"]);
  const pom = join(here, folder, "pom.xml");
  const sources = [join(here, "java", "Lines.java"), join(here, folder, "Driver.java")];
  const jars = join(await jarsOf(pom, properties), "*");
  const key = [jars, ...(await Promise.all(sources.map((source) => readFile(source, "utf8"))))];
  const classes = await fetched("java-driver", key, (output) =>
    mustRun("javac", ["-nowarn", "-parameters", "-cp", jars, "-d", output, ...sources]),
  );
  const options = ["-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.home=."];
  return { command: "java", args: [...options, "-cp", [classes, jars].join(delimiter), "Driver"] };
}

/** The driver is written for version 2; version 1 has other import paths and another type of pushed instance. */
export async function goDriver(version: string): Promise<Program> {
  await need("go", ["version"]);
  const first = version.startsWith("v1.");
  const module = first ? GO_MODULE.replace(/\/v2$/, "") : GO_MODULE;
  const written = (await readFile(join(here, "go", "main.go"), "utf8")).replaceAll(GO_MODULE, module);
  const source = first
    ? written.replace("instances []model.Instance", "instances []model.SubscribeService")
    : written;
  const folder = await fetched("go-driver", [version, source], async (cwd) => {
    await writeFile(join(cwd, "main.go"), source);
    await writeFile(join(cwd, "go.mod"), `module driver\n\ngo 1.21\n\nrequire ${module} ${version}\n`);
    await mustRun("go", ["mod", "tidy"], { cwd });
    await mustRun("go", ["build", "-o", "driver", "."], { cwd });
  });
  return { command: join(folder, "driver"), args: [] };
}

/** @param given as npm takes it: `name@version`. */
export async function nodeDriver(given: string, file: string): Promise<Program> {
  const folder = await fetched("node", [given], async (cwd) => {
    await writeFile(join(cwd, "package.json"), "{}");
    await mustRun("npm", ["install", "--silent", given], { cwd });
  });
  return {
    command: process.execPath,
    args: [join(here, "javascript", file)],
    env: { NACOS_PACKAGES: folder },
    // The configuration clients of `nacos` in all processes of a machine meet at one port unless they are given others.
    portVariable: "NODE_CLUSTER_CLIENT_PORT",
  };
}

async function need(command: string, probe: readonly string[]): Promise<void> {
  await mustRun(command, probe, { withinMs: 60_000 }).catch((cause: unknown) => {
    throw new Error(`${command} does not run here. Install ${NEEDS[command]}.`, { cause });
  });
}
