// One trace as a waterfall.

import { useEffect, useState } from "preact/hooks";
import { ROUTES } from "../api.ts";
import type { SpanView, TraceDetail } from "../telemetry-contract.ts";
import { duration, plain } from "./format.ts";
import { live } from "./live.ts";
import { Detail, Failure, Notice, Pairs, Section } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { useRead, useTexts } from "./use-data.ts";
import { type WaterfallRow, waterfall } from "./waterfall.ts";

const DEEPEST = 12;

export function TraceView({ id }: { readonly id: string }) {
  const t = useTexts();
  const { data, error, missing, again } = useRead<TraceDetail>(
    ROUTES.trace.replace(":trace_id", encodeURIComponent(id)),
  );
  const [chosen, setChosen] = useState<SpanView>();
  // Spans arrive a second after they end, and deliveries go on for longer.
  useEffect(
    () =>
      live.on("traces", ({ items }) => {
        if (items.some(({ trace_id }) => trace_id === id)) again();
      }),
    [id],
  );
  return (
    <Section
      title={t("trace")}
      aside={
        <p class="links">
          <a href={hashOf("traces")}>{t("back")}</a>
          <a href={hashOf("logs", { trace_id: id })}>{t("show_logs")}</a>
        </p>
      }
    >
      <p class="muted mono">{id}</p>
      {missing ? <Notice>{t("trace_unknown")}</Notice> : <Failure error={error} />}
      {data?.truncated ? <Notice>{t("truncated")}</Notice> : null}
      <ol class="waterfall">
        {waterfall(data?.spans ?? []).map((row) => (
          <Row
            key={row.span.span_id}
            row={row}
            isChosen={row.span.span_id === chosen?.span_id}
            choose={setChosen}
          />
        ))}
      </ol>
      {chosen === undefined ? (
        data !== undefined && <Notice>{t("select_span")}</Notice>
      ) : (
        <Attributes span={chosen} />
      )}
    </Section>
  );
}

interface RowProps {
  readonly row: WaterfallRow;
  readonly isChosen: boolean;
  readonly choose: (span: SpanView) => void;
}

function Row({ row: { span, depth, offset, length }, isChosen, choose }: RowProps) {
  return (
    <li>
      <button type="button" class="span" aria-pressed={isChosen} onClick={() => choose(span)}>
        <span class="span-name" style={{ "--depth": Math.min(depth, DEEPEST) }}>
          <span class="span-service">{span.service}</span> {span.name}
        </span>
        <span class="span-track" aria-hidden="true">
          <span
            class={`span-bar ${span.failed ? "span-failed" : ""}`}
            style={{ left: `${offset * 100}%`, width: `max(2px, ${length * 100}%)` }}
          />
        </span>
        <span class={`span-time ${span.failed ? "bad" : ""}`}>{duration(span.duration_ms)}</span>
      </button>
    </li>
  );
}

function Attributes({ span }: { readonly span: SpanView }) {
  const t = useTexts();
  return (
    <Detail label={t("attributes")} of={span.span_id}>
      <h3>{span.name}</h3>
      <Pairs
        pairs={[
          [t("service"), span.service],
          [t("instance"), span.instance ?? "–"],
          ...Object.entries(span.attributes).map(([name, value]) => [name, plain(value)] as const),
        ]}
      />
    </Detail>
  );
}
