// What went out by mail, push and webhook: newest first, new ones as they are sent.

import { useEffect, useMemo, useState } from "preact/hooks";
import { SENT_KINDS, SENT_OUTCOMES, SENT_ROUTE, type SentPage, type SentView } from "../sent/contract.ts";
import { read } from "./client.ts";
import { clock, duration, NONE } from "./format.ts";
import { live } from "./live.ts";
import { Choice, Failure, FilterForm, Notice, Section, Table, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { type SentFilter, sentMatches, withSent } from "./sent-list.ts";
import { Outcome } from "./sent-outcome.tsx";
import { SentDetailView } from "./sent-view.tsx";
import { useRead, useTexts } from "./use-data.ts";

interface SentProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

export function SentPanel({ query, go }: SentProps) {
  const id = query["id"];
  return id ? <SentDetailView key={id} id={id} /> : <SentList query={query} go={go} />;
}

function SentList({ query, go }: SentProps) {
  const t = useTexts();
  const { kind = "", user = "", order = "", outcome = "" } = query;
  const filter = useMemo(() => ({ kind, user, order, outcome }), [kind, user, order, outcome]);
  const { data, error } = useRead<SentPage>(SENT_ROUTE, filter);
  const [added, setAdded] = useState<Added>(NOTHING_ADDED);
  useEffect(() => {
    // Other filters, other rows.
    setAdded(NOTHING_ADDED);
    return live.on("sent", ({ items, more }) => {
      const wanted = items.filter((one) => sentMatches(one, filter));
      if (wanted.length > 0 || more > 0)
        setAdded((before) => ({
          ...before,
          new: withSent(before.new, wanted),
          missed: before.missed + more,
        }));
    });
  }, [filter]);
  const items = useMemo(
    () => withSent(withSent(data?.items ?? [], added.old), added.new),
    [data, added.old, added.new],
  );
  const cursor = added.cursor === undefined ? (data?.next_cursor ?? null) : added.cursor;
  const older = async () => {
    const page = await read<SentPage>(SENT_ROUTE, { ...filter, cursor: cursor ?? "" });
    setAdded((before) => ({ ...before, old: [...before.old, ...page.items], cursor: page.next_cursor }));
  };
  return (
    <Section title={t("sent")}>
      <p class="muted">{t("sent_intro")}</p>
      <SentFilters key={JSON.stringify(filter)} filter={filter} go={go} />
      <Failure error={error} />
      {added.missed > 0 ? <Notice>{t("sent_left_out", { count: added.missed })}</Notice> : null}
      {data !== undefined && items.length === 0 ? (
        <Notice>{t("sent_none")}</Notice>
      ) : (
        <SentTable items={items} />
      )}
      {cursor === null ? null : (
        <button type="button" onClick={() => void older()}>
          {t("more")}
        </button>
      )}
    </Section>
  );
}

/** Beside what was read at first: what was sent since, and older pages. */
interface Added {
  readonly new: readonly SentView[];
  readonly old: readonly SentView[];
  /** Where the next older page begins; undefined before the first of them. */
  readonly cursor: string | null | undefined;
  /** Sent too fast to be told. */
  readonly missed: number;
}

const NOTHING_ADDED: Added = { new: [], old: [], cursor: undefined, missed: 0 };

function SentFilters({ filter, go }: { readonly filter: SentFilter; readonly go: SentProps["go"] }) {
  const t = useTexts();
  return (
    <FilterForm label={t("sent")} onFilter={go}>
      <Choice
        label={t("sent_kind")}
        name="kind"
        value={filter.kind}
        options={[["", t("any")], ...SENT_KINDS.map((each) => [each, t(`sent_kind_${each}`)] as const)]}
      />
      <Choice
        label={t("sent_outcome")}
        name="outcome"
        value={filter.outcome}
        options={[["", t("any")], ...SENT_OUTCOMES.map((each) => [each, t(`sent_${each}`)] as const)]}
      />
      <TextField label={t("sent_user")} name="user" value={filter.user} />
      <TextField label={t("sent_order")} name="order" value={filter.order} />
    </FilterForm>
  );
}

function SentTable({ items }: { readonly items: readonly SentView[] }) {
  const t = useTexts();
  const columns = [
    t("time"),
    t("sent_kind"),
    t("sent_outcome"),
    t("sent_user"),
    t("sent_order"),
    t("sent_to"),
    `#${t("sent_attempt")}`,
    `#${t("duration")}`,
  ];
  return (
    <Table label={t("sent")} columns={columns}>
      {items.map((one) => (
        <tr key={one.id}>
          <td>{clock(one.at)}</td>
          <th scope="row">
            <a
              href={hashOf("sent", { id: String(one.id) })}
              aria-label={t("sent_open", { kind: t(`sent_kind_${one.kind}`), time: clock(one.at) })}
            >
              {t(`sent_kind_${one.kind}`)}
            </a>
          </th>
          <td>
            <Outcome one={one} />
          </td>
          <td class="mono">{one.user ?? (one.kind === "webhook" ? t("sent_all_orders") : NONE)}</td>
          <td class="mono">
            {one.order_id === null ? (
              NONE
            ) : (
              <a href={hashOf("orders", { id: one.order_id })}>{one.order_id}</a>
            )}
          </td>
          <td class="mono">{one.to ?? NONE}</td>
          <td class="number">{one.attempt}</td>
          <td class="number">{duration(one.duration_ms)}</td>
        </tr>
      ))}
    </Table>
  );
}
