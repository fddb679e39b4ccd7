// Orders of the database: found by id, user, status or time, and the time line of one.

import { type Page, ROUTES } from "../api.ts";
import type { OrderSummary } from "../orders/contract.ts";
import { dateAndTime } from "./format.ts";
import { OrderView } from "./order-view.tsx";
import { Choice, Failure, FilterForm, Notice, Section, Table, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { useChanges, useRead, useTexts } from "./use-data.ts";

interface OrdersProps {
  readonly query: Readonly<Record<string, string>>;
  readonly go: (query: Readonly<Record<string, string>>) => void;
}

const STATUSES = ["pending", "paid", "completed", "cancelled", "refunded", "deleted"];
const RANGES = ["all", "5m", "1h", "24h"] as const;
const RANGE_MS: Readonly<Record<string, number>> = { "5m": 300_000, "1h": 3_600_000, "24h": 86_400_000 };

export function OrdersPanel({ query, go }: OrdersProps) {
  const t = useTexts();
  const { id = "", user = "", status = "", range = "all" } = query;
  return (
    <Section title={t("orders")}>
      <p class="muted">{t("order_intro")}</p>
      <FilterForm key={JSON.stringify(query)} label={t("orders")} onFilter={go}>
        <TextField label={t("any_id")} name="id" value={id} />
        <TextField label={t("any_user")} name="user" value={user} />
        <Choice
          label={t("status")}
          name="status"
          value={status}
          options={[["", t("any")], ...STATUSES.map((each) => [each, each] as const)]}
        />
        <Choice
          label={t("range")}
          name="range"
          value={range}
          options={RANGES.map((each) => [each, t(`range_${each}`)] as const)}
        />
      </FilterForm>
      {id === "" ? <Found query={query} go={go} /> : <OrderView id={id} />}
    </Section>
  );
}

function Found({ query, go }: OrdersProps) {
  const t = useTexts();
  const { user = "", status = "", range = "all", cursor = "" } = query;
  const since = RANGE_MS[range];
  // By the minute, so that the same filters are the same request.
  const from = since === undefined ? "" : String(Math.floor((Date.now() - since) / 60_000) * 60_000);
  const { data, error, again } = useRead<Page<OrderSummary>>(ROUTES.orders, {
    user,
    status,
    since: from,
    cursor,
  });
  useChanges(again);
  if (data === undefined) return <Failure error={error} />;
  const next = data.next_cursor;
  return (
    <>
      <Failure error={error} />
      {data.items.length === 0 ? <Notice>{t("no_orders")}</Notice> : null}
      <Table
        label={t("newest_orders")}
        columns={[t("order"), t("status"), `#${t("total")}`, t("buyer"), t("seller"), t("created")]}
      >
        {data.items.map((order) => (
          <Row key={order.order_id} order={order} />
        ))}
      </Table>
      {next === null ? null : (
        <button type="button" onClick={() => go({ ...query, cursor: next })}>
          {t("more")}
        </button>
      )}
    </>
  );
}

function Row({ order }: { readonly order: OrderSummary }) {
  const { order_id, status, total, currency, buyer, seller, created_at } = order;
  const userLink = (user: string) => <a href={hashOf("orders", { user })}>{user.slice(0, 12)}</a>;
  return (
    <tr>
      <td class="mono">
        <a href={hashOf("orders", { id: order_id })}>{order_id}</a>
      </td>
      <td>{status}</td>
      <td class="number">{`${total} ${currency}`}</td>
      <td>{userLink(buyer)}</td>
      <td>{seller === null ? null : userLink(seller)}</td>
      <td>{dateAndTime(created_at)}</td>
    </tr>
  );
}
