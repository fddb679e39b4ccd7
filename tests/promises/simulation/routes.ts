// The routes of the three services that a simulation asks, each with the function that its handler runs.

import { notifications } from "../../../functions/notifications/contract.ts";
import { handle as deleteNotification } from "../../../functions/notifications/handlers/delete-notification.ts";
import { handle as listNotifications } from "../../../functions/notifications/handlers/list-notifications.ts";
import { handle as recordEvent } from "../../../functions/notifications/handlers/record-event.ts";
import type { NotificationService } from "../../../functions/notifications/service.ts";
import { orders } from "../../../functions/orders/contract.ts";
import { handle as applyPaymentEvent } from "../../../functions/orders/handlers/apply-payment-event.ts";
import { handle as cancelOrder } from "../../../functions/orders/handlers/cancel-order.ts";
import { handle as completeOrder } from "../../../functions/orders/handlers/complete-order.ts";
import { handle as createOrder } from "../../../functions/orders/handlers/create-order.ts";
import { handle as deleteOrder } from "../../../functions/orders/handlers/delete-order.ts";
import { handle as getOrder } from "../../../functions/orders/handlers/get-order.ts";
import { handle as grantPaymentLease } from "../../../functions/orders/handlers/grant-payment-lease.ts";
import { handle as listOrders } from "../../../functions/orders/handlers/list-orders.ts";
import { handle as updateOrder } from "../../../functions/orders/handlers/update-order.ts";
import type { OrderService } from "../../../functions/orders/service.ts";
import { payments } from "../../../functions/payments/contract.ts";
import { handle as take } from "../../../functions/payments/handlers/callback.ts";
import { handle as cancelPayment } from "../../../functions/payments/handlers/cancel-payment.ts";
import { handle as createPayment } from "../../../functions/payments/handlers/create-payment.ts";
import { handle as getPayment } from "../../../functions/payments/handlers/get-payment.ts";
import { handle as listPayments } from "../../../functions/payments/handlers/list-payments.ts";
import { handle as refund } from "../../../functions/payments/handlers/refund-payment.ts";
import { handle as simulate } from "../../../functions/payments/handlers/simulate.ts";
import type { PaymentService } from "../../../functions/payments/service.ts";
import { type Served, served } from "./edge.ts";

const o = orders.routes;
const p = payments.routes;
const n = notifications.routes;

export const ORDER_ROUTES: readonly Served<OrderService>[] = [
  served(orders, o.createOrder, createOrder),
  served(orders, o.listOrders, listOrders),
  served(orders, o.cancelOrder, cancelOrder),
  served(orders, o.completeOrder, completeOrder),
  served(orders, o.getOrder, getOrder),
  served(orders, o.updateOrder, updateOrder),
  served(orders, o.deleteOrder, deleteOrder),
  served(orders, o.grantPaymentLease, grantPaymentLease),
  served(orders, o.applyPaymentEvent, applyPaymentEvent),
];

export const PAYMENT_ROUTES: readonly Served<PaymentService>[] = [
  served(payments, p.callback, take),
  served(payments, p.createPayment, createPayment),
  served(payments, p.listPayments, listPayments),
  served(payments, p.cancelPayment, cancelPayment),
  served(payments, p.refundPayment, refund),
  served(payments, p.simulate, simulate),
  served(payments, p.getPayment, getPayment),
];

export const NOTIFICATION_ROUTES: readonly Served<NotificationService>[] = [
  served(notifications, n.recordEvent, recordEvent),
  served(notifications, n.listNotifications, listNotifications),
  served(notifications, n.deleteNotification, deleteNotification),
];
