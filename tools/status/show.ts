// A survey as lines for a terminal.

import { printable } from "../../lib/observability/printable.ts";
import { numbered } from "../promises/promised.ts";
import type { Answering, InstanceState, SeenInstance, Survey } from "./survey.ts";
import { addressOf, comesUp, partState, serves, type Verdict } from "./verdict.ts";

export type Colour = "green" | "yellow" | "red" | "bold";

/** `text` in a colour, where there are colours. */
export type Paint = (colour: Colour, text: string) => string;

const STATE_COLOUR: Readonly<Record<InstanceState, Colour>> = {
  ok: "green",
  degraded: "yellow",
  draining: "yellow",
  silent: "red",
  replaced: "red",
};

/** The lines that show `survey`. What came from outside is made printable. */
export function linesOf(survey: Survey, { problems }: Verdict, paint: Paint): string[] {
  const rows = survey.services.flatMap(({ instances }) => instances.map(cellsOf));
  const upcoming = comesUp(survey);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    ...survey.services.flatMap(({ service, instances }) => [
      headOf(service, instances, survey.starting, paint),
      ...instances.map((one) => rowOf(one, widths, paint)),
    ]),
    "",
    place("gateway", survey.gateway),
    place("control room", survey.control_room),
    part("registry", survey.registry, upcoming, paint),
    part("database", survey.database, upcoming, paint),
    ...Object.entries(survey.outbox).map(
      ([service, standing]) =>
        `${named("outbox")}  ${service}  ${standing === null ? "unknown" : `${standing.lag_s} s late, ${standing.parked} parked`}`,
    ),
    ...promiseLines(survey.promises, paint),
    "",
    ...(problems.length === 0
      ? [paint("green", "All is well.")]
      : problems.map((problem) => paint(survey.starting ? "yellow" : "red", printable(problem)))),
  ];
}

function headOf(
  service: string,
  instances: readonly SeenInstance[],
  starting: boolean,
  paint: Paint,
): string {
  const name = paint("bold", service);
  const count = instances.filter(serves).length;
  if (count > 0) return `${name}  ${count} serving`;
  const soon = starting && instances.length === 0;
  return `${name}  ${soon ? paint("yellow", "starting") : paint("red", "none serves")}`;
}

function rowOf(instance: SeenInstance, widths: readonly number[], paint: Paint): string {
  const [address = "", state = "", ...rest] = cellsOf(instance).map((cell, column) =>
    cell.padEnd(widths[column] ?? 0),
  );
  return `  ${[address, paint(STATE_COLOUR[instance.state], state), ...rest].join("  ")}`.trimEnd();
}

function cellsOf(instance: SeenInstance): string[] {
  const { state, registered, healthy, version, uptime_s, pid, callers } = instance;
  const listed = registered === null ? "registry unknown" : registered ? "registered" : "not registered";
  return [
    addressOf(instance),
    state,
    version === null ? "" : `v${version}`,
    uptime_s === null ? "" : `up ${durationOf(uptime_s)}`,
    pid === null ? "" : `pid ${pid}`,
    healthy === false ? `${listed}, unhealthy` : listed,
    callers === null ? "" : viewOf(callers),
  ].map(printable);
}

function viewOf({ ejected, in_flight, latency_ms }: NonNullable<SeenInstance["callers"]>): string {
  const latency = latency_ms === null ? "" : `, ${latency_ms.toFixed(1)} ms`;
  return `${ejected ? "ejected, " : ""}${in_flight} in flight${latency}`;
}

/** As the control room's panel shows them. */
function promiseLines(view: Survey["promises"], paint: Paint): string[] {
  if (view === null) return [];
  const { oldest } = view.unfinished;
  const ago = (since: number) => durationOf(Math.max(0, view.at - since) / 1_000);
  const { settled } = view;
  return [
    "",
    ...view.promises.map(({ promise, checked, violations }) => {
      const verdict =
        violations > 0
          ? paint("red", `${violations} VIOLATIONS`)
          : checked > 0
            ? paint("green", "kept")
            : "nothing to check";
      return `${numbered(promise).padEnd(16)} ${String(checked).padStart(7)} checked  ${verdict}`;
    }),
    `unfinished  ${view.unfinished.orders} orders${oldest === null ? "" : `, the oldest ${oldest.order_id}: ${printable(oldest.what)}, for ${ago(oldest.since)}`}`,
    ...(view.pending === 0 ? [] : [`to judge    ${view.pending}, changed since`]),
    ...(view.waiting.orders === 0 ? [] : [`waiting     ${view.waiting.orders} orders, for a person`]),
    ...(settled === null
      ? []
      : [
          `settled     ${settled.settled_ms === null ? "not yet" : `in ${(settled.settled_ms / 1_000).toFixed(1)} s`}, after ${settled.fault} ${ago(settled.at)} ago`,
        ]),
  ];
}

/** Where something answers that need not be there. */
const place = (name: string, address: string | null): string =>
  `${named(name)}  ${address === null ? "none" : printable(address)}`;

const named = (name: string): string => name.padEnd("control room".length);

const PART_COLOUR = { ok: "green", starting: "yellow", down: "red" } as const;

function part(name: string, answering: Answering, upcoming: boolean, paint: Paint): string {
  const state = partState(answering, upcoming);
  return `${named(name)}  ${printable(answering.address)}  ${paint(PART_COLOUR[state], state)}`;
}

function durationOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${Math.round(seconds)} s`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
