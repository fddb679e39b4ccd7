// Services and their instances, and the calls between them.

import { useContext } from "preact/hooks";
import type { Backend, InstanceView, SystemMap, Traffic } from "../map-contract.ts";
import { duration, NONE, rate, whole } from "./format.ts";
import { MapDiagram } from "./map-diagram.tsx";
import { kindText, Notice, Section, State, Table } from "./parts.tsx";
import { MapContext, useTexts } from "./use-data.ts";

export function MapPanel() {
  const t = useTexts();
  const map = useContext(MapContext);
  if (map === undefined) return <Notice>{t("loading")}</Notice>;
  return (
    <>
      <Summary map={map} />
      <MapDiagram map={map} />
      <Section title={t("instances")}>
        <Instances map={map} />
      </Section>
      <Section title={t("calls")}>
        <Calls map={map} />
      </Section>
    </>
  );
}

function Summary({ map }: { readonly map: SystemMap }) {
  const t = useTexts();
  const failed = map.failed_last_minute;
  return (
    <ul class="summary">
      <BackendItem label={t("registry")} backend={map.registry} />
      <BackendItem label={t("database")} backend={map.database} />
      <li>
        <span class="label">{t("failed_calls")}</span>
        <strong class={failed > 0 ? "bad" : ""}>{failed}</strong>
      </li>
    </ul>
  );
}

function BackendItem({ label, backend }: { readonly label: string; readonly backend: Backend }) {
  const t = useTexts();
  return (
    <li>
      <span class="label">{label}</span>
      <State state={backend.state} />
      <span class="muted">
        {kindText(t, backend.kind)} {backend.address ?? ""}
      </span>
    </li>
  );
}

function Instances({ map }: { readonly map: SystemMap }) {
  const t = useTexts();
  const columns = [
    t("service"),
    t("state"),
    t("address"),
    t("balancer"),
    t("version"),
    `#${t("uptime")}`,
    `#${t("in_flight")}`,
    `#${t("rate")}`,
    `#${t("p50")}`,
    `#${t("p99")}`,
    `#${t("errors")}`,
  ];
  return (
    <Table label={t("instances")} columns={columns}>
      {map.nodes.flatMap((node) => {
        const rows: readonly (InstanceView | undefined)[] =
          node.instances.length === 0 ? [undefined] : node.instances;
        return rows.map((instance, index) => (
          <tr key={`${node.name} ${instance?.id}`}>
            <th scope="row">{node.name}</th>
            <td>
              <State state={instance?.state ?? node.state} />
            </td>
            <td>{instance?.url ?? NONE}</td>
            <td class={isDoubted(instance) ? "bad" : ""}>
              {instance?.balancer ? t(`balancer_${instance.balancer}`) : NONE}
            </td>
            <td>{instance?.version ?? NONE}</td>
            <td class="number">{duration(instance?.uptime_ms ?? null)}</td>
            <td class="number">{whole(instance?.in_flight ?? null)}</td>
            {index === 0 ? <TrafficCells traffic={node.traffic} rows={rows.length} /> : null}
          </tr>
        ));
      })}
    </Table>
  );
}

interface TrafficCellsProps {
  readonly traffic: Traffic;
  readonly rows: number;
}

/** Of the whole service, so beside all of its instances. */
function TrafficCells({ traffic: { per_second, p50_ms, p99_ms, errors }, rows }: TrafficCellsProps) {
  return (
    <>
      <td class="number" rowSpan={rows}>
        {rate(per_second)}
      </td>
      <td class="number" rowSpan={rows}>
        {duration(p50_ms)}
      </td>
      <td class="number" rowSpan={rows}>
        {duration(p99_ms)}
      </td>
      <td class={`number ${errors > 0 ? "bad" : ""}`} rowSpan={rows}>
        {errors}
      </td>
    </>
  );
}

const isDoubted = (instance: InstanceView | undefined): boolean =>
  (instance?.balancer ?? "available") !== "available";

function Calls({ map }: { readonly map: SystemMap }) {
  const t = useTexts();
  if (map.edges.length === 0) return <Notice>{t("no_calls")}</Notice>;
  const columns = [
    t("caller"),
    t("callee"),
    `#${t("rate")}`,
    `#${t("p50")}`,
    `#${t("p99")}`,
    `#${t("errors")}`,
  ];
  return (
    <Table label={t("calls")} columns={columns}>
      {map.edges.map(({ from, to, kind, traffic }) => (
        <tr key={`${from} ${to} ${kind}`}>
          <th scope="row">{from === "client" ? t("client") : from}</th>
          <td>{to}</td>
          <td class="number">{rate(traffic.per_second)}</td>
          <td class="number">{duration(traffic.p50_ms)}</td>
          <td class="number">{duration(traffic.p99_ms)}</td>
          <td class={`number ${traffic.errors > 0 ? "bad" : ""}`}>{traffic.errors}</td>
        </tr>
      ))}
    </Table>
  );
}
