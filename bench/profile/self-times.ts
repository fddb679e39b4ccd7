// A V8 CPU profile, summed up by package and by function (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/).

import { fileURLToPath } from "node:url";
import type { Measured } from "../load/job.ts";

export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type Node = Profile["nodes"][number];

const ROOT = new URL("../../", import.meta.url).href;

/** Where the CPU time of a process goes, in milliseconds per flow, or per start. */
export interface SelfTimes {
  readonly role: string;
  readonly total: number;
  /** Most first. */
  readonly packages: readonly Share[];
  /** By time of their own, most first. */
  readonly functions: readonly Share[];
}

export interface Share {
  readonly name: string;
  readonly ms: number;
}

/**
 * Sums up one process. The profile gives the shares; how much they are shares of is the CPU time that the kernel counted, since
 * a sample of a process that waits for a busy core looks like work.
 */
export function summarize(
  role: string,
  profile: Profile,
  { window, count, cpuMs }: Pick<Measured, "window" | "count" | "cpuMs">,
): SelfTimes {
  const self = selfTimes(profile, window);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = parentsOf(profile);
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const [id, micros] of self) {
    const node = nodes.get(id);
    if (!node || node.callFrame.functionName === "(idle)") continue;
    busy += micros;
    add(packages, packageOf(node, parents), micros);
    add(functions, nameOf(node), micros);
  }
  const total = (cpuMs[role] ?? 0) / count;
  const shares = (times: ReadonlyMap<string, number>): Share[] =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .map(([name, micros]) => ({ name, ms: busy === 0 ? 0 : (micros / busy) * total }));
  return { role, total, packages: shares(packages), functions: shares(functions) };
}

function selfTimes(
  { samples, timeDeltas, startTime }: Profile,
  [from, to]: Measured["window"],
): Map<number, number> {
  const times = new Map<number, number>();
  let now = startTime;
  for (const [at, id] of samples.entries()) {
    const delta = timeDeltas[at + 1] ?? 0;
    now += timeDeltas[at] ?? 0;
    if (now >= from && now <= to) times.set(id, (times.get(id) ?? 0) + delta);
  }
  return times;
}

function parentsOf({ nodes }: Profile): ReadonlyMap<number, Node> {
  const parents = new Map<number, Node>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  return parents;
}

/** The package of the nearest caller that is not Node's own: what `JSON.parse` or a socket does is done for somebody. */
function packageOf(node: Node, parents: ReadonlyMap<number, Node>): string {
  const { functionName } = node.callFrame;
  if (functionName === "(garbage collector)" || functionName === "(program)") return functionName;
  const own = ownerOf(node.callFrame.url);
  if (own !== undefined) return own;
  for (let above = parents.get(node.id); above; above = parents.get(above.id)) {
    const owner = ownerOf(above.callFrame.url);
    if (owner !== undefined) return `${owner} → node`;
  }
  return "node alone";
}

function ownerOf(url: string): string | undefined {
  if (url === "" || url.startsWith("node:")) return undefined;
  const path = url.startsWith("file:") ? url : `file://${url}`;
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage !== undefined) return inPackage;
  return path.startsWith(ROOT) ? path.slice(ROOT.length).split("/").slice(0, 2).join("/") : path;
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const short = path.replace(/.*\/node_modules\//, "").replace(fileURLToPath(ROOT), "");
  return short === ""
    ? functionName || "(anonymous)"
    : `${functionName || "(anonymous)"} ${short}:${lineNumber + 1}`;
}

function add(times: Map<string, number>, name: string, micros: number): void {
  times.set(name, (times.get(name) ?? 0) + micros);
}
