// One order: what it is, what is wrong with it, and its time line over all services.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ROUTES } from "../api.ts";
import type { Change, OrderDetail, OrderEntry } from "../orders/contract.ts";
import { clock, dateAndTime, duration, NONE } from "./format.ts";
import { Failure, Notice, Pairs, Table } from "./parts.tsx";
import { Violations } from "./promises-panel.tsx";
import { hashOf } from "./route.ts";
import type { Translate } from "./texts.ts";
import { useChanges, useRead, useTexts } from "./use-data.ts";
import { useNarrow } from "./use-narrow.ts";

/** Changes of a write that are shown at once. */
const SHOWN_CHANGES = 4;

export function OrderView({ id }: { readonly id: string }) {
  const t = useTexts();
  const [lines, setLines] = useState(true);
  const narrow = useNarrow();
  const { data, error, missing, again } = useRead<OrderDetail>(
    ROUTES.order.replace(":order_id", encodeURIComponent(id)),
  );
  useChanges(again);
  if (data === undefined) return missing ? <Notice>{t("order_unknown")}</Notice> : <Failure error={error} />;
  const { order, timeline, items, violations } = data;
  const all = items.reduce((sum, { version }) => sum + version, 0);
  const seen = items.reduce((sum, item) => sum + item.seen, 0);
  return (
    <>
      <Pairs
        pairs={[
          [t("order"), order.order_id],
          [t("status"), order.status],
          [t("total"), `${order.total} ${order.currency}`],
          [t("buyer"), order.buyer],
          [t("seller"), order.seller ?? NONE],
          [t("created"), dateAndTime(order.created_at)],
          [t("updated"), dateAndTime(order.updated_at)],
        ]}
      />
      {violations.length === 0 ? null : <Violations violations={violations} />}
      <div class="section-head">
        <p class="muted">{t("writes_seen", { seen, all, items: items.length })}</p>
        <div class="buttons">
          <label class="check">
            <input type="checkbox" checked={lines} onChange={() => setLines(!lines)} />
            {t("show_logs_too")}
          </label>
          <button type="button" onClick={() => save(`${order.order_id}.json`, data)}>
            {t("export_json")}
          </button>
        </div>
      </div>
      <Table
        label={t("timeline")}
        columns={[t("time"), ...(narrow ? [] : [t("what"), t("service")]), t("message"), `#${t("duration")}`]}
      >
        {timeline
          .filter(({ kind }) => lines || kind !== "log")
          .map((entry, index) => (
            <Entry key={`${entry.kind} ${entry.at} ${index}`} entry={entry} narrow={narrow} />
          ))}
      </Table>
    </>
  );
}

/** What a row says, whatever the width of the page. */
interface EntryParts {
  readonly what: string;
  /** The service, or the item's kind. */
  readonly of: string;
  readonly message: ComponentChildren;
  readonly failed?: boolean;
  readonly lasted?: string;
}

function partsOf(entry: OrderEntry, t: Translate): EntryParts {
  if (entry.kind === "write") {
    const message = (
      <>
        <span class="mono">{`${entry.item_id.slice(0, 8)} v${entry.version}`}</span>
        {entry.whole ? <span class="muted"> {t("not_before")}</span> : null}
        <Changes changes={entry.changes} />
      </>
    );
    return { what: t("what_write"), of: entry.item, message };
  }
  if (entry.kind === "note") return { what: t("what_note"), of: entry.item, message: entry.text };
  if (entry.kind === "log") {
    const { service, level, message: text, trace_id } = entry.line;
    const message = (
      <>
        <span class={`level-${level}`}>{level}</span>{" "}
        <a href={hashOf("logs", { trace_id: trace_id ?? "" })}>{text}</a>
      </>
    );
    return { what: t("what_log"), of: service, message };
  }
  const { service, name, trace_id, failed, duration_ms } = entry.span;
  return {
    what: t(`what_${entry.what}`),
    of: service,
    message: <a href={hashOf("traces", { trace: trace_id })}>{name}</a>,
    failed,
    lasted: duration(duration_ms),
  };
}

function Entry({ entry, narrow }: { readonly entry: OrderEntry; readonly narrow: boolean }) {
  const t = useTexts();
  const { what, of, message, failed = false, lasted } = partsOf(entry, t);
  const said = failed ? "bad" : "";
  return (
    <tr class={entry.kind === "write" ? "write" : ""}>
      <td>{clock(entry.at)}</td>
      {narrow ? null : (
        <>
          <td>{what}</td>
          <td>{of}</td>
        </>
      )}
      <td class={narrow ? `${said} wraps` : said}>
        {narrow ? <div class="muted">{`${what} · ${of}`}</div> : null}
        {message}
      </td>
      <td class="number">{lasted}</td>
    </tr>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const t = useTexts();
  const [first, rest] = [changes.slice(0, SHOWN_CHANGES), changes.slice(SHOWN_CHANGES)];
  return (
    <>
      <ChangeList changes={first} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{t("more_changes", { count: rest.length })}</summary>
          <ChangeList changes={rest} />
        </details>
      )}
    </>
  );
}

function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul class="changes">
      {changes.map(({ path, before, after }) => (
        <li key={path}>
          <span class="muted">{path}</span> {before === null ? null : <del>{before}</del>}{" "}
          {after === null ? null : <ins>{after}</ins>}
        </li>
      ))}
    </ul>
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
