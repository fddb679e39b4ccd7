// Checks whether ports are free, and finds the process that uses one.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { authority } from "../../lib/core/host.ts";
import { StartUpError } from "./start-up-error.ts";

const run = promisify(execFile);

export interface WantedPort {
  readonly port: number;
  /** What the port is for: `OrderService`. */
  readonly purpose: string;
  /** Where to change it: `ORDER_SERVICE_PORT in .env`. */
  readonly setting: string;
}

/** @throws {StartUpError} naming the first port that two of `wanted` have, and the setting to change. */
export function requireDistinctPorts(wanted: readonly WantedPort[]): void {
  for (const [index, one] of wanted.entries()) {
    const twin = wanted.slice(0, index).find((other) => other.port === one.port);
    if (twin === undefined) continue;
    throw new StartUpError(
      "port_twice",
      `Port ${one.port} is set for ${twin.purpose} and for ${one.purpose}. Change ${one.setting}.`,
    );
  }
}

/**
 * `hostSetting`: where `host` comes from.
 * @throws {StartUpError} naming the first port in use, its process if known, and the setting to change.
 */
export async function requireFreePorts(
  host: string,
  wanted: readonly WantedPort[],
  hostSetting = "HOST",
): Promise<void> {
  requireDistinctPorts(wanted);
  const errors = await Promise.all(wanted.map((one) => tryListen(host, one.port)));
  for (const [index, one] of wanted.entries()) {
    const code = errors[index];
    if (code === undefined) continue;
    throw code === "EADDRINUSE"
      ? await portInUse(one)
      : new StartUpError(
          "port_unusable",
          `Cannot listen on ${authority(host, one.port)} for ${one.purpose} (${code}). Change ${hostSetting} or ${one.setting}.`,
        );
  }
}

/** The error for a port on which another process listens, with its pid where the system shows it. */
export async function portInUse({ port, purpose, setting }: WantedPort): Promise<StartUpError> {
  const holder = await portHolder(port);
  const by = holder === undefined ? "another process" : `pid ${holder.pid} (${holder.name})`;
  const stop = holder === undefined ? "stop that process" : `stop it (kill ${holder.pid})`;
  return new StartUpError(
    "port_in_use",
    `Port ${port} (${purpose}) is in use by ${by}. Set ${setting} to another port, or ${stop}.`,
  );
}

/** The error code of listening on the port for a moment, or undefined when it is free. */
export function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Ports of loopback that nobody uses, all different. */
export async function unusedPorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => Number(Reflect.get(Object(server.address()), "port")));
  for (const server of servers) server.close();
  return ports;
}

/** The process that listens on `port`, where the system shows it. */
export async function portHolder(port: number): Promise<{ pid: number; name: string } | undefined> {
  const pid = (await holderFromProc(port)) ?? (await holderFromLsof(port));
  if (pid === undefined) return undefined;
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "unknown");
  return { pid, name: name.trim() };
}

async function holderFromProc(port: number): Promise<number | undefined> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const LISTEN = "0A";
  const sockets = new Set<string>();
  for (const line of tables.join("\n").split("\n")) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local?.endsWith(hex) && state === LISTEN && inode !== undefined) sockets.add(`socket:[${inode}]`);
  }
  if (sockets.size === 0) return undefined;
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const descriptors = await readdir(`/proc/${entry}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${entry}/fd/${descriptor}`).catch(() => "");
      if (sockets.has(target)) return Number(entry);
    }
  }
  return undefined;
}

async function holderFromLsof(port: number): Promise<number | undefined> {
  const found = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"]).catch(() => undefined);
  const pid = Number(found?.stdout.split("\n")[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
