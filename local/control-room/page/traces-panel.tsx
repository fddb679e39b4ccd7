// Traces by filters, newest first.

import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { type Page, ROUTES } from "../api.ts";
import type { TraceSummary } from "../telemetry-contract.ts";
import { read } from "./client.ts";
import { clock, duration } from "./format.ts";
import { live } from "./live.ts";
import { Choice, Failure, FilterForm, Notice, Section, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { MOST_TRACES, matchesTrace, withTraces } from "./trace-list.ts";
import { TraceView } from "./trace-view.tsx";
import { MapContext, useRead, useTexts } from "./use-data.ts";
import { VirtualTable } from "./virtual-table.tsx";

interface TracesProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

const RANGES_MS: Readonly<Record<string, number>> = { "5m": 300_000, "1h": 3_600_000, "24h": 86_400_000 };
const REFRESH_MS = 2_000;
/** Of one request for older ones. */
const OLDER_TRACES = "200";

export function TracesPanel({ query, go }: TracesProps) {
  return query["trace"] ? (
    <TraceView key={query["trace"]} id={query["trace"]} />
  ) : (
    <TraceList query={query} go={go} />
  );
}

function TraceList({ query, go }: TracesProps) {
  const t = useTexts();
  const wanted = asked(query);
  const { data, error, again } = useRead<Page<TraceSummary>>(ROUTES.traces, wanted);
  const [older, setOlder] = useState<Page<TraceSummary>>();
  const arrived = useArrived(query, again);
  const key = JSON.stringify(query);
  // Other filters, other traces.
  useEffect(() => setOlder(undefined), [key]);
  const found = useMemo(() => withTraces(older?.items ?? [], data?.items ?? []), [data, older]);
  const items = useMemo(() => withTraces(found, arrived), [found, arrived]);
  const cursor = (older ?? data)?.next_cursor ?? null;
  const more = async () => {
    if (cursor === null) return;
    const page = await read<Page<TraceSummary>>(ROUTES.traces, { ...wanted, cursor, limit: OLDER_TRACES });
    setOlder((before) => ({
      items: [...(before?.items ?? []), ...page.items],
      next_cursor: page.next_cursor,
    }));
  };
  return (
    <Section title={t("traces")}>
      <TraceFilters key={key} query={query} go={go} />
      <Failure error={error} />
      <p class="muted">{t("traces_shown", { count: items.length })}</p>
      {data !== undefined && items.length === 0 ? (
        <Notice>{t("no_traces")}</Notice>
      ) : (
        <TraceTable items={items} />
      )}
      {cursor === null || items.length >= MOST_TRACES ? null : (
        <button type="button" onClick={() => void more()}>
          {t("more")}
        </button>
      )}
    </Section>
  );
}

/** The traces that have arrived since these filters were chosen. Where only their spans tell whether they match, `again` is called. */
function useArrived(query: Readonly<Record<string, string>>, again: () => void): readonly TraceSummary[] {
  const [arrived, setArrived] = useState<readonly TraceSummary[]>([]);
  useEffect(() => {
    setArrived([]);
    let due: ReturnType<typeof setTimeout> | undefined;
    const stop = live.on("traces", ({ items }) => {
      const matching = items.map((trace) => matchesTrace(trace, asked(query)));
      const shown = items.filter((_, index) => matching[index] === true);
      if (shown.length > 0) setArrived((held) => withTraces(held, shown));
      if (!matching.includes(undefined)) return;
      due ??= setTimeout(() => {
        due = undefined;
        again();
      }, REFRESH_MS);
    });
    return () => {
      stop();
      clearTimeout(due);
    };
    // The filters by their content.
  }, [JSON.stringify(query)]);
  return arrived;
}

function asked({ range = "", ...query }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const span = RANGES_MS[range];
  // To the minute: the same question until then, so that it is not asked again at each drawing.
  return span === undefined
    ? query
    : { ...query, since: String(Math.floor((Date.now() - span) / 60_000) * 60_000) };
}

function TraceFilters({ query, go }: TracesProps) {
  const t = useTexts();
  const map = useContext(MapContext);
  const services = (map?.nodes ?? []).map(({ name }) => [name, name] as const);
  const value = (name: string): string => query[name] ?? "";
  return (
    <FilterForm label={t("traces")} onFilter={go}>
      <Choice
        label={t("service")}
        name="service"
        value={value("service")}
        options={[["", t("any")], ...services]}
      />
      <TextField label={t("name")} name="name" value={value("name")} />
      <TextField label={t("attribute")} name="attribute" value={value("attribute")} />
      <TextField label={t("min_ms")} name="min_ms" value={value("min_ms")} isNumber />
      <TextField label={t("max_ms")} name="max_ms" value={value("max_ms")} isNumber />
      <Choice
        label={t("range")}
        name="range"
        value={value("range")}
        options={[
          ["", t("range_all")],
          ["5m", t("range_5m")],
          ["1h", t("range_1h")],
          ["24h", t("range_24h")],
        ]}
      />
      <label class="check">
        <input type="checkbox" name="error" value="true" defaultChecked={query["error"] === "true"} />
        {t("errors_only")}
      </label>
    </FilterForm>
  );
}

function TraceTable({ items }: { readonly items: readonly TraceSummary[] }) {
  const t = useTexts();
  const columns = [
    t("started"),
    t("root"),
    t("services"),
    `#${t("spans")}`,
    `#${t("errors")}`,
    `#${t("duration")}`,
  ];
  return (
    <VirtualTable
      label={t("traces")}
      columns={columns}
      items={items}
      keyOf={({ trace_id }) => trace_id}
      row={(trace) => <TraceCells trace={trace} />}
    />
  );
}

function TraceCells({ trace }: { readonly trace: TraceSummary }) {
  return (
    <>
      <td>{clock(trace.started_at)}</td>
      <th scope="row">
        <a href={hashOf("traces", { trace: trace.trace_id })}>
          {trace.root_service}: {trace.root_name}
        </a>
      </th>
      <td>{[...new Set([trace.root_service, ...trace.services])].join(", ")}</td>
      <td class="number">{trace.spans}</td>
      <td class={`number ${trace.errors > 0 ? "bad" : ""}`}>{trace.errors}</td>
      <td class="number">{duration(trace.duration_ms)}</td>
    </>
  );
}
