// What waits in the outboxes and is tried again from here, and what the control room itself keeps.

import { useEffect, useState } from "preact/hooks";
import { type History, ROUTES } from "../api.ts";
import {
  PARKED_ROUTE,
  type ParkedItem,
  type ParkedView,
  type Retried,
  type RetryRequest,
} from "../outbox/contract.ts";
import { send } from "./client.ts";
import { bytes, dateAndTime, duration, NONE, whole } from "./format.ts";
import { Failure, Notice, Pairs, Section, Table } from "./parts.tsx";
import { hashOf } from "./route.ts";
import type { Key, Translate } from "./texts.ts";
import { useLatest, useRead, useTexts } from "./use-data.ts";

export function OutboxPanel() {
  const t = useTexts();
  const outbox = useLatest("outbox", ROUTES.outbox);
  const history = useLatest("history", ROUTES.history);
  const services = outbox.data?.services ?? [];
  const count = services.reduce((sum, { parked }) => sum + (parked ?? 0), 0);
  return (
    <>
      <Section title={t("outbox")}>
        <p class="muted">{t("outbox_intro")}</p>
        <Failure error={outbox.error} />
        <Table label={t("outbox")} columns={[t("service"), `#${t("lag")}`, `#${t("parked")}`]}>
          {services.map(({ service, lag_ms, parked }) => (
            <tr key={service}>
              <th scope="row">{service}</th>
              <td class="number">{lag_ms === 0 ? t("on_time") : duration(lag_ms)}</td>
              <td class={`number ${(parked ?? 0) > 0 ? "bad" : ""}`}>{whole(parked)}</td>
            </tr>
          ))}
        </Table>
      </Section>
      <ParkedNow count={count} />
      <Section title={t("history")}>
        <Failure error={history.error} />
        {history.data === undefined ? null : <HistoryFacts history={history.data} />}
      </Section>
    </>
  );
}

/** Read again when the number of parked aggregates changes. */
function ParkedNow({ count }: { readonly count: number }) {
  const t = useTexts();
  const { data, error, again } = useRead<ParkedView>(PARKED_ROUTE);
  const [said, setSaid] = useState("");
  useEffect(again, [count]);
  const retry = ({ table, aggregate, id }: ParkedItem) => {
    const request: RetryRequest = { table, aggregate, id };
    send<Retried>(PARKED_ROUTE, request)
      .then(
        () => setSaid(t("parked_retried", { id, aggregate })),
        (failure: Error) => setSaid(failure.message),
      )
      .finally(again);
  };
  return (
    <Section title={t("parked_now")}>
      <Failure error={error} />
      {data?.items.length === 0 ? <Notice>{t("parked_none")}</Notice> : null}
      {data === undefined || data.items.length === 0 ? null : (
        <ParkedTable items={data.items} retry={retry} />
      )}
      {data?.more ? <Notice>{t("parked_more")}</Notice> : null}
      <p class={said === "" ? "" : "notice"} role="status">
        {said}
      </p>
    </Section>
  );
}

interface ParkedProps {
  readonly items: readonly ParkedItem[];
  readonly retry: (parked: ParkedItem) => void;
}

function ParkedTable({ items, retry }: ParkedProps) {
  const t = useTexts();
  const columns = [
    t("parked_what"),
    t("actions"),
    t("parked_of"),
    t("since"),
    `#${t("parked_tries")}`,
    t("parked_error"),
  ];
  return (
    <Table label={t("parked_now")} columns={columns}>
      {items.map((parked) => {
        const { table, aggregate, kind, id, since, tries, error } = parked;
        return (
          <tr key={`${table} ${aggregate} ${id}`}>
            <th scope="row">{t(`parked_${kind}`)}</th>
            <td>
              {kind === "transaction" ? (
                t("parked_by_hand")
              ) : (
                <button
                  type="button"
                  aria-label={t("parked_retry_of", { id, aggregate })}
                  onClick={() => retry(parked)}
                >
                  {t("parked_retry")}
                </button>
              )}
            </td>
            <td class="mono">
              {table} <a href={hashOf("orders", { id: aggregate })}>{aggregate}</a>
            </td>
            <td>{dateAndTime(Date.parse(since))}</td>
            <td class="number">{tries}</td>
            <td class="bad" lang="en">
              {error}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function HistoryFacts({ history }: { readonly history: History }) {
  const t = useTexts();
  const { kept, reason, bytes: used, budget_bytes, oldest_at, spans, logs, not_recorded, dropped } = history;
  const lost = Object.entries(dropped).filter(([, count]) => count > 0);
  return (
    <Pairs
      pairs={[
        [t("kept_where"), reason === null ? t(`kept_${kept}`) : `${t(`kept_${kept}`)}: ${reason}`],
        [t("sent_size"), t("size", { used: bytes(used), budget: bytes(budget_bytes) })],
        [t("oldest"), oldest_at === null ? NONE : dateAndTime(oldest_at)],
        [t("spans"), String(spans)],
        [t("logs"), String(logs)],
        [t("not_recorded"), t("not_recorded_counts", not_recorded)],
        [
          t("dropped"),
          lost.map(([why, count]) => `${count} ${whyDropped(why, t)}`).join(", ") || t("nothing_dropped"),
        ],
      ]}
    />
  );
}

const REASONS: Readonly<Record<string, Key>> = {
  queue_full: "dropped_queue_full",
  malformed: "dropped_malformed",
  write_failed: "dropped_write_failed",
  writes_unseen: "dropped_writes_unseen",
};

function whyDropped(reason: string, t: Translate): string {
  const known = REASONS[reason];
  return known === undefined ? t("dropped_sender", { reason: reason.replace(/^sender_/, "") }) : t(known);
}
