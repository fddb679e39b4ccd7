// Log lines of all services: those that are kept by search, new ones as they arrive.

import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { type Page, ROUTES } from "../api.ts";
import type { LogLine } from "../telemetry-contract.ts";
import { clock, plain } from "./format.ts";
import { lineText } from "./line-text.ts";
import { live } from "./live.ts";
import { joined, LEVELS, matches, withLines } from "./log-buffer.ts";
import { Choice, Detail, Failure, FilterForm, Notice, Pairs, Section, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { MapContext, useRead, useTexts } from "./use-data.ts";
import { useNarrow } from "./use-narrow.ts";
import { VirtualList } from "./virtual-list.tsx";

const ROW_PX = 24;
/** On a narrow page the text has a row of its own. */
const NARROW_ROW_PX = 44;
const FIRST_LINES = "1000";

interface LogsProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

export function LogsPanel({ query, go }: LogsProps) {
  const t = useTexts();
  const map = useContext(MapContext);
  const narrow = useNarrow();
  const { service = "", level = "", text = "", trace_id = "" } = query;
  const filter = useMemo(() => ({ service, level, text, trace_id }), [service, level, text, trace_id]);
  const { data, error } = useRead<Page<LogLine>>(ROUTES.logs, { ...filter, limit: FIRST_LINES });
  const [arrived, setArrived] = useState<readonly LogLine[]>([]);
  const [leftOut, setLeftOut] = useState(0);
  const [follows, setFollows] = useState(true);
  const [chosen, setChosen] = useState<LogLine>();
  // Other filters, other lines.
  useEffect(() => setArrived([]), [filter]);
  useEffect(() => {
    if (!follows) return;
    return live.on("logs", ({ items, more }) => {
      const wanted = items.filter((line) => matches(line, filter));
      if (wanted.length > 0) setArrived((held) => withLines(held, wanted));
      if (more > 0) setLeftOut((before) => before + more);
    });
  }, [filter, follows]);
  const lines = useMemo(() => joined(arrived, data?.items ?? []), [data, arrived]);
  const services = map?.nodes.map(({ name }) => name) ?? [];
  return (
    <Section
      title={t("logs")}
      aside={
        <label class="check">
          <input type="checkbox" checked={follows} onChange={() => setFollows(!follows)} />
          {t("follow")}
        </label>
      }
    >
      <FilterForm key={JSON.stringify(filter)} label={t("logs")} onFilter={go}>
        <Choice
          label={t("service")}
          name="service"
          value={service}
          options={[["", t("any")], ...services.map((name) => [name, name] as const)]}
        />
        <Choice
          label={t("level")}
          name="level"
          value={level}
          options={[["", t("any")], ...LEVELS.map((each) => [each, each] as const)]}
        />
        <TextField label={t("text")} name="text" value={text} />
        <TextField label={t("trace_id")} name="trace_id" value={trace_id} />
      </FilterForm>
      <Failure error={error} />
      <p class="muted">
        {t("lines", { count: lines.length })}
        {leftOut > 0 ? ` · ${t("left_out", { count: leftOut })}` : ""}
      </p>
      {data !== undefined && lines.length === 0 ? (
        <Notice>{t("no_logs")}</Notice>
      ) : (
        <VirtualList
          label={t("logs")}
          items={lines}
          rowHeight={narrow ? NARROW_ROW_PX : ROW_PX}
          keyOf={({ id }) => id}
          row={(line) => <Line line={line} choose={setChosen} />}
        />
      )}
      {chosen === undefined ? null : <Fields line={chosen} close={() => setChosen(undefined)} />}
    </Section>
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly choose: (line: LogLine) => void;
}

function Line({ line, choose }: LineProps) {
  return (
    <button type="button" class="line" onClick={() => choose(line)}>
      <span class="line-time">{clock(line.at)}</span>
      <span class={`line-level level-${line.level}`}>{line.level}</span>
      <span class="line-service">{line.service}</span>
      <span class="line-message">{lineText(line)}</span>
    </button>
  );
}

function Fields({ line, close }: { readonly line: LogLine; readonly close: () => void }) {
  const t = useTexts();
  return (
    <Detail label={t("fields")} of={line.id} takesFocus={true}>
      <div class="section-head">
        <h3>{line.message}</h3>
        <button type="button" onClick={close}>
          {t("close")}
        </button>
      </div>
      {line.trace_id === null ? null : (
        <p>
          <a href={hashOf("traces", { trace: line.trace_id })}>{t("show_trace")}</a>
        </p>
      )}
      <Pairs
        pairs={[
          [t("time"), clock(line.at)],
          [t("service"), line.service],
          ...Object.entries(line.fields).map(([name, value]) => [name, plain(value)] as const),
        ]}
      />
    </Detail>
  );
}
