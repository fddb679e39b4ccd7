// The map as text, for a page without scripts. Pure.

import type { History } from "./api.ts";
import type { Edge, InstanceState, ServiceNode, SystemMap, Traffic } from "./map-contract.ts";

/** What is shown at once. */
export interface Status {
  readonly map: SystemMap;
  readonly history: History;
}

/** Of a service or a backend that does not work. */
const BROKEN: readonly string[] = ["down", "paused"] satisfies InstanceState[];

/** What does not work, a line each. What starts or is only known by its spans is not broken. */
export function notWell({ map }: Pick<Status, "map">): readonly string[] {
  const services = map.nodes
    .filter(({ state }) => BROKEN.includes(state))
    .map(({ name, state }) => `${name} is ${state}`);
  const backends = (["registry", "database"] as const)
    .filter((name) => map[name].state === "down")
    .map((name) => `the ${name} is down`);
  const nothing = map.runtimes.length === 0 && !map.starting ? ["no runtime has reported"] : [];
  return [...nothing, ...services, ...backends];
}

export function statusText({ map, history }: Status): string {
  const wrong = notWell({ map });
  const { registry, database } = map;
  return [
    ...table([
      ["service", "state", "instances", ...TRAFFIC],
      ...map.nodes.flatMap((node) => serviceRows(node)),
    ]),
    "",
    ...(map.edges.length === 0
      ? ["  no calls in the last minute"]
      : table([["calls", ...TRAFFIC], ...map.edges.toSorted(byName).map(edgeRow)])),
    "",
    ...table([
      ["registry", registry.state, `${registry.kind} ${registry.address ?? ""}`],
      ["database", database.state, `${database.kind} ${database.address ?? ""}`],
      ["failed calls", String(map.failed_last_minute), "in the last minute"],
      ["history", historyText(history), droppedText(history)],
    ]),
    "",
    ...(map.starting ? ["A runtime starts."] : []),
    ...(wrong.length > 0 ? [`Not well: ${wrong.join("; ")}.`] : map.starting ? [] : ["All is well."]),
  ].join("\n");
}

const TRAFFIC = ["per s", "p50 ms", "p99 ms", "failed"];

const trafficCells = ({ per_second, p50_ms, p99_ms, errors }: Traffic): string[] => [
  per_second.toFixed(1),
  p50_ms === null ? "–" : p50_ms.toFixed(1),
  p99_ms === null ? "–" : p99_ms.toFixed(1),
  String(errors),
];

function serviceRows({ name, state, instances, traffic, origin }: ServiceNode): string[][] {
  const row = [name, state, origin === "own" ? String(instances.length) : "–", ...trafficCells(traffic)];
  // One that is as its service needs no row of its own.
  const shown =
    instances.length > 1 ||
    instances.some((instance) => instance.state !== "ok" || isDoubted(instance.balancer));
  if (!shown) return [row];
  const rows = instances.map(({ url, state: own, balancer }) => [
    `  ${url ?? "–"}`,
    isDoubted(balancer) ? `${own}, ${balancer}` : own,
  ]);
  return [row, ...rows];
}

const isDoubted = (balancer: string | null): boolean => balancer !== null && balancer !== "available";

const edgeRow = ({ from, to, traffic }: Edge): string[] => [`${from} → ${to}`, ...trafficCells(traffic)];

const byName = (one: Edge, other: Edge): number =>
  `${one.from} ${one.to}`.localeCompare(`${other.from} ${other.to}`);

const historyText = ({ kept, bytes, budget_bytes }: History): string =>
  `${Math.ceil(bytes / 1_000_000)} of ${Math.round(budget_bytes / 1_000_000)} MB, ${kept === "disk" ? "on disk" : "in memory"}`;

function droppedText({ dropped }: History): string {
  const lost = Object.entries(dropped).filter(([, count]) => count > 0);
  return lost.length === 0
    ? "nothing dropped"
    : `dropped: ${lost.map(([reason, count]) => `${count} ${reason}`).join(", ")}`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}
