// What processes listen on, as the kernel shows it: for tests that must not believe the processes themselves (Linux).

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ListeningSocket {
  readonly protocol: "tcp" | "udp";
  /** `127.0.0.1`, `::1`, `0.0.0.0`, … */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
}

const TCP_LISTEN = "0A";
/** A UDP socket without a peer. */
const UDP_OPEN = "07";

/** Every socket on which `pids` wait for connections or datagrams. */
export function listeningSockets(pids: readonly number[]): readonly ListeningSocket[] {
  const tables = [
    ...rows("tcp", "tcp", TCP_LISTEN),
    ...rows("tcp6", "tcp", TCP_LISTEN),
    ...rows("udp", "udp", UDP_OPEN),
    ...rows("udp6", "udp", UDP_OPEN),
  ];
  return pids.flatMap((pid) => {
    const own = inodesOf(pid);
    return tables
      .filter(({ inode }) => own.has(inode))
      .map(({ protocol, address, port }) => ({ protocol, address, port, pid }));
  });
}

interface Row extends Omit<ListeningSocket, "pid"> {
  readonly inode: string;
}

function rows(table: string, protocol: Row["protocol"], wanted: string): readonly Row[] {
  const lines = readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    return state === wanted
      ? [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16), inode }]
      : [];
  });
}

/** The kernel writes addresses as 32-bit words in the machine's byte order. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  bytes.swap32();
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function inodesOf(pid: number): ReadonlySet<string> {
  try {
    return new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // It ended meanwhile.
    return new Set();
  }
}

function inodeOf(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? "";
  } catch {
    return "";
  }
}
