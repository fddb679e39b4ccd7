// Free ports, for processes that need a given one.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "./processes.ts";

/** Below the ports that a kernel gives out by itself: none of these is taken by a connection, or by `listen(0)`. */
const RANGE = [12_000, 30_000] as const;
/** A file for each port that a process of the tests has been given: two that start at once get different ones, also of two runs. */
const CLAIMS = join(process.env["SHARED_TMPDIR"] ?? tmpdir(), "cfmp-order-test-ports");

/** `count` different free ports on loopback, which no other test is given while this process lives. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePortGroup([0]));
  return ports;
}

/** A port P of which P + each of `offsets` is free, and claimed as those of {@link freePorts} are. */
export async function freePortGroup(offsets: readonly number[]): Promise<number> {
  mkdirSync(CLAIMS, { recursive: true });
  for (;;) {
    const base = randomInt(...RANGE);
    const ports = offsets.map((offset) => base + offset);
    if (ports.every(claim) && (await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
}

/** The port a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server does not listen on a port");
  return address.port;
}

/** Lets `server` listen on loopback, by default on a port that the kernel chooses; gives the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return portOf(server);
}

/** False when another process that lives has it, or this one was given it before. */
function claim(port: number): boolean {
  const file = join(CLAIMS, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isAlive(holderOf(file))) rmSync(file, { force: true });
    return false;
  }
}

function holderOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8")) || process.pid;
  } catch {
    // Given up meanwhile.
    return process.pid;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await listen(server, port).then(
    () => true,
    () => false,
  );
  await new Promise((resolve) => server.close(resolve));
  return free;
}
