// An order as users see it.

import { formatAmount } from "../../lib/money/money.ts";
import type { OrderView } from "./contract.ts";
import type { Order } from "./order.ts";

/** The view of `order`: money as text, without internal fields. */
export function orderToView(order: Order): OrderView {
  return {
    id: order.id,
    status: order.status,
    customer_name: order.customer_name,
    buyer_id: order.buyer_id,
    seller_id: order.seller_id,
    currency: order.currency,
    total_amount: formatAmount(order.total),
    items: order.lines.map((line) => ({
      product_id: line.product_id,
      name: line.name,
      unit_price: formatAmount(line.unit_price),
      quantity: line.quantity,
      line_total: formatAmount(line.unit_price * line.quantity),
    })),
    shipping: order.shipping,
    remark: order.remark,
    cancel_reason: order.cancel_reason,
    payment_id: order.payment?.id ?? null,
    history: order.history.map((entry) => ({ ...entry })),
    version: order.revision,
    created_at: order.created_at,
    updated_at: order.updated_at,
    paid_at: order.paid_at,
    expires_at: order.status === "pending" ? order.expires_at : null,
  };
}
