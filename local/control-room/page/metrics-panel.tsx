// Plots of what runtimes and other senders measure.

import { useEffect } from "preact/hooks";
import { ROUTES } from "../api.ts";
import type { MetricNames, MetricSeries } from "../telemetry-contract.ts";
import { Chart } from "./chart.tsx";
import { live } from "./live.ts";
import { Choice, Failure, FilterForm, Notice, Section } from "./parts.tsx";
import { useRead, useTexts } from "./use-data.ts";

interface MetricsProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

export function MetricsPanel({ query, go }: MetricsProps) {
  const t = useTexts();
  const { data, error } = useRead<MetricNames>(ROUTES.metric_names);
  const names = data?.items ?? [];
  const { metric = "" } = query;
  const shown = metric === "" ? names : names.filter(({ name }) => name === metric);
  return (
    <Section title={t("metrics")}>
      <FilterForm key={`${metric} ${names.length}`} label={t("metrics")} onFilter={go}>
        <Choice
          label={t("metric")}
          name="metric"
          value={metric}
          options={[["", t("any")], ...names.map(({ name }) => [name, name] as const)]}
        />
      </FilterForm>
      <Failure error={error} />
      {data !== undefined && names.length === 0 ? <Notice>{t("no_metrics")}</Notice> : null}
      <div class="charts">
        {shown.map(({ name, unit, help }) => (
          <Plot key={name} name={name} unit={unit} help={help} />
        ))}
      </div>
    </Section>
  );
}

function Plot({ name, unit, help }: { readonly name: string; readonly unit: string; readonly help: string }) {
  const { data, error, again } = useRead<MetricSeries>(
    ROUTES.metric.replace(":name", encodeURIComponent(name)),
  );
  // One subscription.
  useEffect(() => live.on("metrics", again), []);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{name}</h3>
        <span class="muted">{[help, unit].filter((text) => text !== "").join(" · ")}</span>
      </figcaption>
      <Failure error={error} />
      {data === undefined ? null : <Chart series={data} />}
    </figure>
  );
}
