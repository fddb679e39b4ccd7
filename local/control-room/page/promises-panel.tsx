// Whether the promises are kept, over what is stored, and what is not finished.

import { useContext } from "preact/hooks";
import { ROUTES } from "../api.ts";
import type { OpenFacts, PromisesView } from "../orders/contract.ts";
import { dateAndTime, duration, NONE, whole } from "./format.ts";
import { Failure, Notice, Pairs, Section, Table } from "./parts.tsx";
import { hashOf } from "./route.ts";
import type { Key } from "./texts.ts";
import { MapContext, useLatest, useTexts } from "./use-data.ts";

export function PromisesPanel() {
  const t = useTexts();
  const { data, error } = useLatest("promises", ROUTES.promises);
  return (
    <>
      <Section title={t("promises")} aside={data === undefined ? null : <Verdict view={data} />}>
        <p class="muted">{t("promises_intro")}</p>
        <Failure error={error} />
        {data === undefined ? null : <Rows view={data} />}
      </Section>
      {data === undefined ? null : <Open view={data} />}
      {data === undefined || data.violations.length === 0 ? null : (
        <Section title={t("violations")}>
          <Violations violations={data.violations} />
        </Section>
      )}
    </>
  );
}

function Verdict({ view: { promises, failure } }: { readonly view: PromisesView }) {
  const t = useTexts();
  const map = useContext(MapContext);
  const count = promises.reduce((sum, { violations }) => sum + violations, 0);
  if (failure === null && map?.database.state === "down")
    return <span class="verdict bad">{t("not_watched", { detail: t("database_down") })}</span>;
  if (failure !== null) return <span class="verdict bad">{t("not_watched", { detail: failure })}</span>;
  return count > 0 ? (
    <span class="verdict bad" role="status">
      {t("some_broken", { count })}
    </span>
  ) : (
    <span class="verdict good" role="status">
      {t("all_kept")}
    </span>
  );
}

const keyOf = (prefix: "promise" | "unit", promise: string) =>
  `${prefix}_${promise.replaceAll(" ", "_")}` as Key;

function Rows({ view }: { readonly view: PromisesView }) {
  const t = useTexts();
  return (
    <Table
      label={t("promises")}
      columns={[t("promise"), t("state"), `#${t("checked")}`, `#${t("violations")}`, t("what")]}
    >
      {view.promises.map(({ promise, checked, violations }, index) => (
        <tr key={promise}>
          <th scope="row">{`${index + 1} ${t(keyOf("promise", promise))}`}</th>
          <td>
            <Kept checked={checked} violations={violations} />
          </td>
          <td class="number">{whole(checked)}</td>
          <td class={`number ${violations > 0 ? "bad" : ""}`}>{whole(violations)}</td>
          <td class="muted">{t(keyOf("unit", promise))}</td>
        </tr>
      ))}
    </Table>
  );
}

function Kept({ checked, violations }: { readonly checked: number; readonly violations: number }) {
  const t = useTexts();
  const [state, text]: readonly [string, Key] =
    violations > 0
      ? ["down", "promise_broken"]
      : checked > 0
        ? ["ok", "promise_kept"]
        : ["unknown", "promise_unchecked"];
  return (
    <span class={`state state-${state}`}>
      <span class="dot" aria-hidden="true" />
      {t(text)}
    </span>
  );
}

function Open({ view }: { readonly view: PromisesView }) {
  const t = useTexts();
  const { at, unfinished, waiting, settled, pending, orders, swept_at, follows_writes } = view;
  const oldest = ({ oldest: one }: OpenFacts): string =>
    one === null ? NONE : `${one.what} · ${duration(Math.max(0, at - one.since))} · ${one.order_id}`;
  return (
    <Section title={t("unfinished")}>
      <Pairs
        pairs={[
          [t("unfinished"), t("orders_count", { count: unfinished.orders })],
          [t("oldest_unfinished"), oldest(unfinished)],
          [
            t("waiting"),
            waiting.orders === 0
              ? NONE
              : `${t("orders_count", { count: waiting.orders })} · ${oldest(waiting)}`,
          ],
          [
            t("settled_after"),
            settled === null
              ? t("no_fault")
              : settled.settled_ms === null
                ? t("settling", { fault: settled.fault })
                : t("settled_in", { time: duration(settled.settled_ms), fault: settled.fault }),
          ],
          [t("to_judge"), whole(pending)],
          [t("known_orders"), whole(orders)],
          [t("last_pass"), swept_at === null ? t("not_yet") : dateAndTime(swept_at)],
        ]}
      />
      {follows_writes ? null : <Notice>{t("no_feed")}</Notice>}
    </Section>
  );
}

/** Sentences are the judge's own, as everywhere. */
export function Violations({ violations }: Pick<PromisesView, "violations">) {
  const t = useTexts();
  return (
    <Table label={t("violations")} columns={[t("promise"), t("order"), t("what_is_wrong"), t("since")]}>
      {violations.map(({ promise, order_id, sentence, since }) => (
        <tr key={`${order_id} ${sentence}`}>
          <td>{t(keyOf("promise", promise))}</td>
          <td class="mono">
            <a href={hashOf("orders", { id: order_id })}>{order_id}</a>
          </td>
          <td class="bad" lang="en">
            {sentence}
          </td>
          <td>{dateAndTime(since)}</td>
        </tr>
      ))}
    </Table>
  );
}
