// Debian's Nginx with the configuration of servers/nginx: other addresses and paths, and without `resolve`, which is of a later version.

import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "../../support/certificates.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { begin, mustRun, type Program } from "../../support/run.ts";
import { ROOT } from "../deploy/compose-file.ts";

/** Debian has it where users have no path to. */
const NGINX = "/usr/sbin/nginx";

export interface Nginx {
  readonly https: string;
  readonly http: string;
  /** The file of its lines about requests. */
  readonly log: string;
  /** What it has logged of requests, a JSON object each. */
  lines(): readonly Record<string, unknown>[];
  /** Its errors. */
  errors(): string;
  close(): Promise<void>;
}

/** `host:port` of the instances of each service, by its key. */
export type Instances = Readonly<Record<string, readonly string[]>>;

/** Checks the configuration (`nginx -t`), starts it on free ports of loopback, and waits until it answers. */
export async function startNginx(instances: Instances, certificate: Certificate): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-nginx-"));
  // Its workers are somebody else's, when it is started by root.
  chmodSync(folder, 0o755);
  const [https = 0, http = 0, up = 0] = await freePorts(3);
  cpSync(join(ROOT, "servers", "nginx"), folder, { recursive: true });
  writeFileSync(join(folder, "tls_certificate"), certificate.cert);
  writeFileSync(join(folder, "tls_key"), certificate.key, { mode: 0o600 });
  change(join(folder, "nginx.conf"), [
    [/\/tmp\//g, `${folder}/`],
    [/listen 8443/g, `listen 127.0.0.1:${https}`],
    [/listen 8080/g, `listen 127.0.0.1:${http}`],
    [/listen \[::\]:.*\n/g, "\n"],
    [/listen 127\.0\.0\.1:8081/g, `listen 127.0.0.1:${up}`],
    [/\/run\/secrets\//g, `${folder}/`],
    [/\/dev\/stdout/g, `${folder}/access.log`],
    [/\/dev\/stderr/g, `${folder}/error.log`],
  ]);
  change(join(folder, "services.conf"), [
    [
      /upstream (\S+) \{[^}]*\}/g,
      (upstream, key) => {
        const [line = ""] = upstream.match(/ {2}server .*\n/g) ?? [];
        const servers = (instances[key] ?? []).map((address) =>
          line.replace(/server \S+/, `server ${address}`).replace(" resolve", ""),
        );
        return upstream.replace(/( {2}server .*\n)+/, servers.join(""));
      },
    ],
  ]);
  const log = join(folder, "access.log");
  const errors = join(folder, "error.log");
  const options = ["-e", errors, "-c", join(folder, "nginx.conf")];
  await needed(() => mustRun(NGINX, ["-t", ...options]));
  const program = await begin(NGINX, [...options, "-g", "daemon off;"], { group: true });
  const close = async () => {
    await program.end();
    rmSync(folder, { recursive: true, force: true });
  };
  await ready(program, `http://127.0.0.1:${up}/up`, errors).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    https: `https://127.0.0.1:${https}`,
    http: `http://127.0.0.1:${http}`,
    log,
    lines: () => linesOf(log),
    errors: () => readFileSync(errors, "utf8"),
    close,
  };
}

type Change = readonly [RegExp, string | ((found: string, part: string) => string)];

/** Changes a file; each pattern has to occur in it, else this would no longer be the configuration of the product. */
function change(file: string, changes: readonly Change[]): void {
  const text = readFileSync(file, "utf8");
  for (const [pattern] of changes)
    if (!new RegExp(pattern.source).test(text)) throw new Error(`${file} has no ${pattern}`);
  const changed = changes.reduce(
    (now, [pattern, by]) => (typeof by === "string" ? now.replace(pattern, by) : now.replace(pattern, by)),
    text,
  );
  writeFileSync(file, changed);
}

/** The lines in Nginx's log of requests, without one that it is just writing. */
export const linesOf = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line): Record<string, unknown> => JSON.parse(line));

async function ready(program: Program, url: string, errors: string): Promise<void> {
  const answers = async () => !program.running() || (await fetch(url)).status === 204;
  await until("Nginx answers", answers);
  if (!program.running())
    throw new Error(`Nginx ended: ${program.output()}\n${readFileSync(errors, "utf8")}`);
}

/** What `work` gives. @throws {Error} that says how to get Nginx, where it is missing. */
async function needed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const missing = error instanceof Error && error.message.includes("cannot be run");
    throw missing ? new Error(`${NGINX} is missing: apt-get install nginx-light`, { cause: error }) : error;
  }
}
