// Free ports, for processes that need a given one.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryListen } from "../../local/shared/ports.ts";

/** Below the ports that a kernel gives out by itself: none of these is taken by a connection, or by `listen(0)`. */
const RANGE = [12_000, 30_000] as const;
/** A file for each port that a process has been given: two that start at once get different ones, also of two runs. */
const CLAIMS = join(process.env["SHARED_TMPDIR"] ?? tmpdir(), "cfmp-order-test-ports");

/** `count` different free ports on loopback, which nobody else is given here while this process lives. */
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isFree = async (port: number): Promise<boolean> => (await tryListen("127.0.0.1", port)) === undefined;
