// Plots of what runtimes and other senders measure.

import { useContext, useEffect } from "preact/hooks";
import { ROUTES } from "../api.ts";
import type { MetricNames, MetricSeries } from "../telemetry-contract.ts";
import { Chart } from "./chart.tsx";
import { live } from "./live.ts";
import { Choice, Failure, FilterForm, Notice, Section } from "./parts.tsx";
import { lineLabel, MOST_LINES } from "./plot-lines.ts";
import { metricHelp } from "./texts-metrics.ts";
import { LocaleContext, MapContext, useRead, useTexts } from "./use-data.ts";

interface MetricsProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

/** Without one it is since the values begin, at most an hour. */
const RANGES_MS = { "5m": "300000", "1h": "3600000", "24h": "86400000" } as const;
type Range = keyof typeof RANGES_MS;
const RANGES: readonly Range[] = ["5m", "1h", "24h"];

export function MetricsPanel({ query, go }: MetricsProps) {
  const t = useTexts();
  const { data, error } = useRead<MetricNames>(ROUTES.metric_names);
  const names = data?.items ?? [];
  const { metric = "" } = query;
  const range = RANGES.find((each) => each === query["range"]);
  const shown = metric === "" ? names : names.filter(({ name }) => name === metric);
  return (
    <Section title={t("metrics")}>
      <FilterForm key={`${metric} ${range} ${names.length}`} label={t("metrics")} onFilter={go}>
        <Choice
          label={t("metric")}
          name="metric"
          value={metric}
          options={[["", t("any")], ...names.map(({ name }) => [name, name] as const)]}
        />
        <Choice
          label={t("range")}
          name="range"
          value={range ?? ""}
          options={[["", t("range_measured")], ...RANGES.map((each) => [each, t(`range_${each}`)] as const)]}
        />
      </FilterForm>
      <Failure error={error} />
      {data !== undefined && shown.length === 0 ? <Notice>{t("no_metrics")}</Notice> : null}
      <div class="charts">
        {shown.map(({ name, unit, help }) => (
          <Plot key={name} name={name} unit={unit} help={help} range={range} />
        ))}
      </div>
    </Section>
  );
}

type PlotProps = MetricNames["items"][number] & { readonly range: Range | undefined };

function Plot({ name, unit, help, range }: PlotProps) {
  const t = useTexts();
  const locale = useContext(LocaleContext);
  const runtimes = useContext(MapContext)?.runtimes ?? [];
  const { data, error, again } = useRead<MetricSeries>(
    ROUTES.metric.replace(":name", encodeURIComponent(name)),
    range === undefined ? {} : { last_ms: RANGES_MS[range] },
  );
  // One subscription.
  useEffect(() => live.on("metrics", again), []);
  const lines = data?.series.length ?? 0;
  return (
    <figure class="chart">
      <figcaption>
        <h3>{name}</h3>
        <span class="muted">
          {[metricHelp(locale, name, help), unit].filter((text) => text !== "").join(" · ")}
        </span>
      </figcaption>
      <Failure error={error} />
      {data === undefined ? null : (
        <Chart series={data} labelOf={(line) => lineLabel(name, line, runtimes, t("client"))} />
      )}
      {lines > MOST_LINES ? (
        <p class="muted">{t("largest_lines", { shown: MOST_LINES, count: lines })}</p>
      ) : null}
    </figure>
  );
}
