// Traces by filters, newest first.

import { useContext, useEffect, useState } from "preact/hooks";
import { type Page, ROUTES, type TraceSummary } from "../api.ts";
import { read } from "./client.ts";
import { clock, duration } from "./format.ts";
import { live } from "./live.ts";
import { Choice, Failure, FilterForm, Notice, Section, Table, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { TraceView } from "./trace-view.tsx";
import { MapContext, useRead, useTexts } from "./use-data.ts";

interface TracesProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

const RANGES_MS: Readonly<Record<string, number>> = { "5m": 300_000, "1h": 3_600_000, "24h": 86_400_000 };
const REFRESH_MS = 2_000;

export function TracesPanel({ query, go }: TracesProps) {
  return query["trace"] ? (
    <TraceView key={query["trace"]} id={query["trace"]} />
  ) : (
    <TraceList query={query} go={go} />
  );
}

function TraceList({ query, go }: TracesProps) {
  const t = useTexts();
  const { data, error, again } = useRead<Page<TraceSummary>>(ROUTES.traces, asked(query));
  const [older, setOlder] = useState<Page<TraceSummary>>();
  const key = JSON.stringify(query);
  // Other filters, other traces.
  useEffect(() => setOlder(undefined), [key]);
  // One subscription.
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const stop = live.on("traces", () => {
      due ??= setTimeout(() => {
        due = undefined;
        again();
      }, REFRESH_MS);
    });
    return () => {
      stop();
      clearTimeout(due);
    };
  }, []);
  const newest = data?.items ?? [];
  const known = new Set(newest.map(({ trace_id }) => trace_id));
  const items = [...newest, ...(older?.items ?? []).filter(({ trace_id }) => !known.has(trace_id))];
  const cursor = (older ?? data)?.next_cursor ?? null;
  const more = async () => {
    if (cursor === null) return;
    const page = await read<Page<TraceSummary>>(ROUTES.traces, { ...asked(query), cursor });
    setOlder((before) => ({
      items: [...(before?.items ?? []), ...page.items],
      next_cursor: page.next_cursor,
    }));
  };
  return (
    <Section title={t("traces")}>
      <TraceFilters key={key} query={query} go={go} />
      <Failure error={error} />
      {data !== undefined && items.length === 0 ? (
        <Notice>{t("no_traces")}</Notice>
      ) : (
        <TraceTable items={items} />
      )}
      {cursor === null ? null : (
        <button type="button" onClick={() => void more()}>
          {t("more")}
        </button>
      )}
    </Section>
  );
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
    <Table label={t("traces")} columns={columns}>
      {items.map((trace) => (
        <tr key={trace.trace_id}>
          <td>{clock(trace.started_at)}</td>
          <th scope="row">
            <a href={hashOf("traces", { trace: trace.trace_id })}>
              {trace.root_service}: {trace.root_name}
            </a>
          </th>
          <td>{trace.services.join(", ")}</td>
          <td class="number">{trace.spans}</td>
          <td class={`number ${trace.errors > 0 ? "bad" : ""}`}>{trace.errors}</td>
          <td class="number">{duration(trace.duration_ms)}</td>
        </tr>
      ))}
    </Table>
  );
}
