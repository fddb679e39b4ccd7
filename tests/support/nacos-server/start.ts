// A real Nacos 3.1.0 (standalone, its own embedded database) on 127.0.0.1. Needs Java 17 and, the first time, Maven.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  /** Stops it, and starts it again at the same address with the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface NacosOptions {
  /** Its administrator's password: every request then needs a login as `nacos`. By default there are no accounts. */
  readonly password?: string;
  /** By default a free one. {@link NACOS_PORTS} have to be free. */
  readonly port?: number;
  /** Java's system properties besides the usual ones, or instead of them. */
  readonly defines?: Defines;
}

type Defines = Readonly<Record<string, string | number>>;

const here = import.meta.dirname;
const READY_WITHIN_MS = 180_000;
const ATTEMPTS = 3;
/** The ports that a server takes, counted from its own. */
export const NACOS_PORTS = [0, -1_000, 1_000, 1_001];

/** Fetches the server's jars if they are not there yet (190 MB), starts it on a free port, resolves when it is ready. */
export async function startNacos(options: NacosOptions = {}): Promise<NacosServer> {
  const jars = await jarsOf(join(here, "pom.xml"));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(jars, options);
    } catch (cause) {
      // On a busy machine its database takes longer than the server cares to wait.
      if (attempt === ATTEMPTS) throw cause;
      console.log(`Nacos did not start; trying again (${attempt + 1} of ${ATTEMPTS})`);
    }
  }
}

async function start(jars: string, options: NacosOptions): Promise<NacosServer> {
  const { password, defines = {} } = options;
  const home = await mkdtemp(join(tmpdir(), "nacos-home-"));
  let server: Program | undefined;
  const close = async () => {
    await server?.end();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await mkdir(join(home, "conf"));
    const settings = await readFile(join(here, "application.properties"), "utf8");
    const accounts =
      password === undefined ? "" : "nacos.core.auth.enabled=true\nnacos.core.auth.admin.enabled=true\n";
    await writeFile(join(home, "conf", "application.properties"), `${settings}\n${accounts}`);
    const classes = ["-cp", join(jars, "*"), "-d", join(home, "classes"), join(here, "NacosDev.java")];
    await mustRun("javac", classes);
    const port = options.port ?? (await freePortGroup(NACOS_PORTS));
    const launchHere = () => launchReady(home, jars, { ...defines, "nacos.server.main.port": port });
    const address = `127.0.0.1:${port}`;
    const running = await launchHere();
    server = running;
    if (password !== undefined) await createAdministrator(address, password);
    const restart = async () => {
      await server?.end();
      server = await launchHere();
    };
    return { address, pid: running.pid, restart, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function launchReady(home: string, jars: string, defines: Defines): Promise<Program> {
  const server = await launch(home, jars, defines);
  const started = () => !server.running() || server.output().includes("NACOS_READY");
  await until("Nacos is ready", started, READY_WITHIN_MS).catch(() => {});
  if (server.running() && server.output().includes("NACOS_READY")) return server;
  await server.end();
  throw new Error(`Nacos said:\n${server.output().slice(-3_000)}`);
}

/** Nacos knows the account only some seconds later. */
async function createAdministrator(address: string, password: string): Promise<void> {
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    fetch(`http://${address}/nacos${path}`, { method: "POST", body: new URLSearchParams(form) });
  await post("/v3/auth/user/admin", { password });
  const knows = async () => (await post("/v3/auth/user/login", { username: "nacos", password })).ok;
  await until("Nacos knows its administrator", knows);
}

async function launch(home: string, jars: string, more: Defines): Promise<Program> {
  // This one must come before the rest: an older version among them breaks the start.
  const hessian = (await readdir(jars)).find((name) => name.startsWith("hessian-4"));
  if (hessian === undefined) throw new Error(`${jars} is incomplete; remove it and try again`);
  const classPath = [join(home, "classes"), join(jars, hessian), join(jars, "*")].join(delimiter);
  const settings = {
    "nacos.standalone": "true",
    "nacos.home": home,
    "nacos.server.ip": "127.0.0.1",
    ...more,
  };
  const java = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const config = `--spring.config.additional-location=file:${join(home, "conf")}/`;
  return begin("java", [...java, ...defines, "-cp", classPath, "NacosDev", config], { cwd: home });
}
