// A real Nacos 3.1.0 (standalone, its own embedded database) on 127.0.0.1. Needs Java 17 and, the first time, Maven.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface NacosServer {
  /** `host:port`. */
  readonly address: string;
  readonly pid: number;
  close(): Promise<void>;
}

const here = import.meta.dirname;
const jars = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "nacos-server-3.1.0");
const MAVEN_WITHIN_MS = 15 * 60_000;
const COMPILED_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 120_000;
const ATTEMPTS = 3;

/** Fetches the server's jars if they are not there yet (190 MB), starts it on a free port, resolves when it is ready. */
export async function startNacos(): Promise<NacosServer> {
  await fetchJars();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (cause) {
      // On a busy machine its database takes longer than the server cares to wait.
      if (attempt === ATTEMPTS) throw cause;
      console.log(`Nacos did not start; trying again (${attempt + 1} of ${ATTEMPTS})`);
    }
  }
}

async function start(): Promise<NacosServer> {
  const home = await mkdtemp(join(tmpdir(), "nacos-home-"));
  try {
    await mkdir(join(home, "conf"));
    await cp(join(here, "application.properties"), join(home, "conf", "application.properties"));
    const classes = ["-cp", join(jars, "*"), "-d", join(home, "classes"), join(here, "NacosDev.java")];
    await run("javac", classes, COMPILED_WITHIN_MS);
    const port = await freePorts();
    const server = await launch(home, port);
    await untilReady(server);
    return {
      address: `127.0.0.1:${port}`,
      pid: server.pid ?? 0,
      close: async () => {
        await stop(server);
        await rm(home, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    await rm(home, { recursive: true, force: true });
    throw cause;
  }
}

async function fetchJars(): Promise<void> {
  const complete = join(jars, ".complete");
  if (existsSync(complete)) return;
  await mkdir(jars, { recursive: true });
  console.log(`Fetching Nacos 3.1.0 (190 MB, once) into ${jars}`);
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
  const options = [`-DoutputDirectory=${jars}`, "-DincludeScope=runtime"];
  await run("mvn", ["-q", "-B", "-f", join(here, "pom.xml"), goal, ...options], MAVEN_WITHIN_MS);
  await writeFile(complete, "");
}

async function launch(home: string, port: number): Promise<ChildProcess> {
  // This one must come before the rest: an older version among them breaks the start.
  const hessian = (await readdir(jars)).find((name) => name.startsWith("hessian-4"));
  if (hessian === undefined) throw new Error(`${jars} is incomplete; remove it and try again`);
  const classPath = [join(home, "classes"), join(jars, hessian), join(jars, "*")].join(delimiter);
  const settings = {
    "nacos.standalone": "true",
    "nacos.home": home,
    "nacos.server.main.port": port,
    "nacos.server.ip": "127.0.0.1",
  };
  const java = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const config = `--spring.config.additional-location=file:${join(home, "conf")}/`;
  const server = spawn("java", [...java, ...defines, "-cp", classPath, "NacosDev", config], {
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // However this process ends, the server ends with it.
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  server.once("exit", () => process.removeListener("exit", kill));
  return server;
}

function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = "";
  const listen = (chunk: Buffer) => {
    output = (output + chunk).slice(-20_000);
    if (output.includes("NACOS_READY")) resolve();
  };
  const failed = (reason: string) =>
    reject(new Error(`Nacos ${reason}. Its last words:\n${output.slice(-3_000)}`));
  const timer = setTimeout(() => {
    server.kill("SIGKILL");
    failed(`was not ready within ${READY_WITHIN_MS / 1_000} s`);
  }, READY_WITHIN_MS);
  server.stdout?.on("data", listen);
  server.stderr?.on("data", listen);
  server.once("error", reject);
  server.once("exit", (code) => failed(`ended with exit ${code}`));
  return promise.finally(() => clearTimeout(timer));
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const killer = setTimeout(() => server.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(killer);
}

async function run(command: string, options: readonly string[], timeout: number): Promise<void> {
  const child = spawn(command, options, { stdio: ["ignore", "inherit", "inherit"], timeout });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`${command} failed with exit ${code}`);
}

/** A port of which the three others that Nacos takes besides (P - 1000, P + 1000, P + 1001) are free as well. */
async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const free = await Promise.all([port, port - 1_000, port + 1_000, port + 1_001].map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error("No free group of ports for Nacos was found");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
