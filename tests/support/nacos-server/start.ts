// A real Nacos 3.1.0 (standalone, its own embedded database) on 127.0.0.1. Needs Java 17 and, the first time, Maven.

import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePortGroup } from "../free-ports.ts";
import { until } from "../poll.ts";
import { begin, mustRun, type Program } from "../run.ts";
import { jarsOf } from "../tools.ts";

export interface NacosServer {
  /** `host:port`. */
  readonly address: string;
  readonly pid: number;
  close(): Promise<void>;
}

const here = import.meta.dirname;
const READY_WITHIN_MS = 180_000;
const ATTEMPTS = 3;
/** It takes these ports besides its own, counted from that. */
const PORTS = [0, -1_000, 1_000, 1_001];

/** Fetches the server's jars if they are not there yet (190 MB), starts it on a free port, resolves when it is ready. */
export async function startNacos(): Promise<NacosServer> {
  const jars = await jarsOf(join(here, "pom.xml"));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(jars);
    } catch (cause) {
      // On a busy machine its database takes longer than the server cares to wait.
      if (attempt === ATTEMPTS) throw cause;
      console.log(`Nacos did not start; trying again (${attempt + 1} of ${ATTEMPTS})`);
    }
  }
}

async function start(jars: string): Promise<NacosServer> {
  const home = await mkdtemp(join(tmpdir(), "nacos-home-"));
  const remove = () => rm(home, { recursive: true, force: true });
  let server: Program | undefined;
  try {
    await mkdir(join(home, "conf"));
    await cp(join(here, "application.properties"), join(home, "conf", "application.properties"));
    const classes = ["-cp", join(jars, "*"), "-d", join(home, "classes"), join(here, "NacosDev.java")];
    await mustRun("javac", classes);
    const port = await freePortGroup(PORTS);
    const running = await launch(home, jars, port);
    server = running;
    const started = () => !running.running() || running.output().includes("NACOS_READY");
    await until("Nacos is ready", started, READY_WITHIN_MS);
    if (!running.running()) throw new Error("Nacos ended");
    const close = async () => {
      await running.end();
      await remove();
    };
    return { address: `127.0.0.1:${port}`, pid: running.pid, close };
  } catch (cause) {
    await server?.end();
    await remove();
    throw new Error(`Nacos said:\n${server?.output().slice(-3_000)}`, { cause });
  }
}

async function launch(home: string, jars: string, port: number): Promise<Program> {
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
  return begin("java", [...java, ...defines, "-cp", classPath, "NacosDev", config], { cwd: home });
}
