// What waits in the outboxes, and what the control room itself keeps.

import { type History, ROUTES } from "../api.ts";
import { bytes, dateAndTime, duration, NONE, whole } from "./format.ts";
import { Failure, Pairs, Section, Table } from "./parts.tsx";
import { useLatest, useTexts } from "./use-data.ts";

export function OutboxPanel() {
  const t = useTexts();
  const outbox = useLatest("outbox", ROUTES.outbox);
  const history = useLatest("history", ROUTES.history);
  return (
    <>
      <Section title={t("outbox")}>
        <p class="muted">{t("outbox_intro")}</p>
        <Failure error={outbox.error} />
        <Table label={t("outbox")} columns={[t("service"), `#${t("lag")}`, `#${t("parked")}`]}>
          {(outbox.data?.services ?? []).map(({ service, lag_ms, parked }) => (
            <tr key={service}>
              <th scope="row">{service}</th>
              <td class="number">{duration(lag_ms)}</td>
              <td class={`number ${(parked ?? 0) > 0 ? "bad" : ""}`}>{whole(parked)}</td>
            </tr>
          ))}
        </Table>
      </Section>
      <Section title={t("history")}>
        <Failure error={history.error} />
        {history.data === undefined ? null : <HistoryFacts history={history.data} />}
      </Section>
    </>
  );
}

function HistoryFacts({ history }: { readonly history: History }) {
  const t = useTexts();
  const lost = Object.entries(history.dropped).filter(([, count]) => count > 0);
  return (
    <Pairs
      pairs={[
        [
          t(`kept_${history.kept}`),
          t("size", { used: bytes(history.bytes), budget: bytes(history.budget_bytes) }),
        ],
        [t("oldest"), history.oldest_at === null ? NONE : dateAndTime(history.oldest_at)],
        [t("spans"), String(history.spans)],
        [t("logs"), String(history.logs)],
        [
          t("dropped"),
          lost.map(([reason, count]) => `${reason}: ${count}`).join(", ") || t("nothing_dropped"),
        ],
      ]}
    />
  );
}
