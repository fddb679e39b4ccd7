// All that was traced and logged of one order, payment or user, in one time line.

import { useEffect, useState } from "preact/hooks";
import { type LogLine, type Page, ROUTES, type TraceDetail, type TraceSummary } from "../api.ts";
import { read } from "./client.ts";
import { clock, duration } from "./format.ts";
import { type TimelineEntry, timeline } from "./order-timeline.ts";
import { Choice, Failure, FilterForm, Notice, Section, Table, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { useTexts } from "./use-data.ts";

interface OrdersProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  order: "cfmp.order.id",
  payment: "cfmp.payment.id",
  user: "user.id",
};
/** Newest ones. */
const MOST_TRACES = "30";

interface Found {
  readonly entries: readonly TimelineEntry[];
  readonly spans: number;
  readonly lines: number;
  readonly traces: number;
}

async function find(kind: string, id: string, signal: AbortSignal): Promise<Found> {
  const attribute = `${ATTRIBUTES[kind] ?? ATTRIBUTES["order"]}=${id}`;
  const page = await read<Page<TraceSummary>>(ROUTES.traces, { attribute, limit: MOST_TRACES }, signal);
  const parts = await Promise.all(
    page.items.map(async ({ trace_id }) => {
      const detail = await read<TraceDetail>(ROUTES.trace.replace(":trace_id", trace_id), {}, signal);
      const logs = await read<Page<LogLine>>(ROUTES.logs, { trace_id, limit: "1000" }, signal);
      return { spans: detail.spans, lines: logs.items };
    }),
  );
  const spans = parts.flatMap((part) => part.spans);
  const lines = parts.flatMap((part) => part.lines);
  return { entries: timeline(spans, lines), spans: spans.length, lines: lines.length, traces: parts.length };
}

export function OrdersPanel({ query, go }: OrdersProps) {
  const t = useTexts();
  const { kind = "order", id = "" } = query;
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    setFound(undefined);
    setError(undefined);
    if (id === "") return;
    const gone = new AbortController();
    find(kind, id, gone.signal).then(setFound, (failure: unknown) => {
      if (!gone.signal.aborted) setError(String(failure));
    });
    return () => gone.abort();
  }, [kind, id]);
  return (
    <Section title={t("orders")}>
      <p class="muted">{t("order_intro")}</p>
      <FilterForm key={`${kind} ${id}`} label={t("orders")} onFilter={go}>
        <Choice
          label={t("id_kind")}
          name="kind"
          value={kind}
          options={[
            ["order", t("id_order")],
            ["payment", t("id_payment")],
            ["user", t("id_user")],
          ]}
        />
        <TextField label={t("id")} name="id" value={id} />
      </FilterForm>
      <Failure error={error} />
      {id === "" ? <Notice>{t("enter_id")}</Notice> : null}
      {found === undefined ? null : <Timeline found={found} id={id} />}
    </Section>
  );
}

function Timeline({ found, id }: { readonly found: Found; readonly id: string }) {
  const t = useTexts();
  if (found.entries.length === 0) return <Notice>{t("no_events")}</Notice>;
  const { spans, lines, traces } = found;
  return (
    <>
      <div class="section-head">
        <p class="muted">{t("from_traces", { spans, lines, traces })}</p>
        <button type="button" onClick={() => save(`${id}.json`, found.entries)}>
          {t("export_json")}
        </button>
      </div>
      <Table label={t("timeline")} columns={[t("time"), t("service"), t("message"), `#${t("duration")}`]}>
        {found.entries.map((entry) => (
          <Entry key={entry.kind === "span" ? entry.span.span_id : entry.line.id} entry={entry} />
        ))}
      </Table>
    </>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntry }) {
  if (entry.kind === "log") {
    const { service, level, message, trace_id } = entry.line;
    return (
      <tr>
        <td>{clock(entry.at)}</td>
        <td>{service}</td>
        <td>
          <span class={`level-${level}`}>{level}</span>{" "}
          <a href={hashOf("logs", { trace_id: trace_id ?? "" })}>{message}</a>
        </td>
        <td />
      </tr>
    );
  }
  const { service, name, trace_id, failed, duration_ms } = entry.span;
  return (
    <tr>
      <td>{clock(entry.at)}</td>
      <td>{service}</td>
      <td class={failed ? "bad" : ""}>
        <a href={hashOf("traces", { trace: trace_id })}>{name}</a>
      </td>
      <td class="number">{duration(duration_ms)}</td>
    </tr>
  );
}

function save(name: string, value: object): void {
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(value, undefined, 2)], { type: "application/json" }),
  );
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
