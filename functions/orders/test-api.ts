// OrderService with a table in memory, called through its real handlers like by API Gateway.

import type { Route } from "../../lib/contract/route.ts";
import { type HttpHandler, httpHandler } from "../../lib/http/handler.ts";
import { send, type TestReply, type TestRequest } from "../../lib/http/test-things.ts";
import { platform } from "../../lib/platform/platform.ts";
import type { Table } from "../../lib/storage/table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { orders } from "./contract.ts";
import { handle as applyPaymentEvent } from "./handlers/apply-payment-event.ts";
import { handle as cancelOrder } from "./handlers/cancel-order.ts";
import { handle as completeOrder } from "./handlers/complete-order.ts";
import { handle as createOrder } from "./handlers/create-order.ts";
import { handle as deleteOrder } from "./handlers/delete-order.ts";
import { handle as getOrder } from "./handlers/get-order.ts";
import { handle as grantPaymentLease } from "./handlers/grant-payment-lease.ts";
import { handle as listOrders } from "./handlers/list-orders.ts";
import { handle as orderStats } from "./handlers/order-stats.ts";
import { handle as readInternal } from "./handlers/read-internal.ts";
import { handle as updateOrder } from "./handlers/update-order.ts";
import type { OrderPorts } from "./ports.ts";
import { createOrderService } from "./service.ts";
import { LIFETIME, NOW } from "./test-orders.ts";

type Recorded = NonNullable<Parameters<OrderPorts["notifications"]["recordEvent"]>[0]["body"]>;

export interface Ask extends Omit<TestRequest, "method" | "path"> {
  /** The user who sends the request; on internal routes the service. */
  readonly as?: string;
  /** Scopes of the user's token; without it the development header identifies them. */
  readonly scopes?: string;
  readonly key?: string;
  readonly ifMatch?: string;
}

/** The API with recorded hints and events to NotificationService, a clock, and a function to call each route. */
export function orderApi(table: Table = memoryTable()) {
  Object.assign(process.env, { SECRET_KEY: "a secret of these tests alone", DEBUG: "True" });
  const clock = { time: NOW };
  const hints: string[] = [];
  const recorded: Recorded[] = [];
  /** While `away`, NotificationService does not answer; with a `refusal`, it replies with that. */
  const notifications: { away: boolean; refusal?: Error } = { away: false };
  const service = createOrderService({
    table,
    notifications: {
      async recordEvent({ body }) {
        if (notifications.refusal) throw notifications.refusal;
        if (notifications.away) throw new Error("NotificationService is away");
        if (body) recorded.push(body);
        return { recorded: 1 };
      },
    },
    cursorKeys: [new Uint8Array(32).fill(7)],
    lifetime: LIFETIME,
    now: () => clock.time,
    hint: async (id) => {
      hints.push(id);
    },
  });
  const { routes } = orders;
  const handlers = {
    createOrder: httpHandler(orders, routes.createOrder, (request) => createOrder(service, request)),
    listOrders: httpHandler(orders, routes.listOrders, (request) => listOrders(service, request)),
    orderStats: httpHandler(orders, routes.orderStats, (request) => orderStats(service, request)),
    getOrder: httpHandler(orders, routes.getOrder, (request) => getOrder(service, request)),
    updateOrder: httpHandler(orders, routes.updateOrder, (request) => updateOrder(service, request)),
    deleteOrder: httpHandler(orders, routes.deleteOrder, (request) => deleteOrder(service, request)),
    cancelOrder: httpHandler(orders, routes.cancelOrder, (request) => cancelOrder(service, request)),
    completeOrder: httpHandler(orders, routes.completeOrder, (request) => completeOrder(service, request)),
    readInternal: httpHandler(orders, routes.readInternal, (request) => readInternal(service, request)),
    grantPaymentLease: httpHandler(orders, routes.grantPaymentLease, (request) =>
      grantPaymentLease(service, request),
    ),
    applyPaymentEvent: httpHandler(orders, routes.applyPaymentEvent, (request) =>
      applyPaymentEvent(service, request),
    ),
  } satisfies Record<string, HttpHandler>;

  async function ask(name: keyof typeof handlers, options: Ask = {}): Promise<TestReply> {
    const route: Route = routes[name];
    const { as = "buyer", scopes, key, ifMatch, headers, ...request } = options;
    const reply = await send(handlers[name], {
      method: route.method,
      path: route.path,
      headers: {
        ...(await credentials(route, as, scopes)),
        ...(key === undefined ? {} : { "idempotency-key": key }),
        ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
        ...headers,
      },
      ...request,
    });
    if (reply.status < 400) holdToContract(route, reply);
    return reply;
  }

  /** Creates an order and returns its id. */
  async function place(body: object = {}, as = "buyer"): Promise<string> {
    const reply = await ask("createOrder", {
      as,
      body: { customer_name: "张三", total_amount: 100, seller_id: "seller", ...body },
    });
    if (reply.status !== 201) throw new Error(`createOrder answered ${JSON.stringify(reply)}`);
    return reply.body.id;
  }

  /** Pays the order as PaymentService would, in full. */
  async function pay(id: string): Promise<void> {
    const { body: order } = await ask("readInternal", { params: { id } });
    await ask("applyPaymentEvent", {
      params: { id },
      body: {
        payment_id: id,
        seq: 1,
        attempt: 1,
        state: "captured",
        captured_amount: Math.round(Number(order.total_amount) * 100),
        refunded_amount: 0,
        currency: order.currency,
      },
    });
  }

  return { ask, place, pay, service, clock, hints, recorded, notifications };
}

/** Headers that authenticate the caller: on internal routes those of a peer. */
async function credentials(
  route: Route,
  as: string,
  scope: string | undefined,
): Promise<Record<string, string>> {
  const { tokens } = platform();
  if (route.access === "service")
    return { authorization: `Bearer ${await tokens.mintService("PaymentService", orders.service)}` };
  if (scope === undefined) return { uuid: as };
  return { authorization: `Bearer ${await tokens.mintUser({ sub: as, scope }, 60)}` };
}

/** Checks that the contract declares this reply. */
function holdToContract(route: Route, { status, body }: TestReply): void {
  const spec = route.replies[status];
  if (!spec) throw new Error(`${route.id} declares no ${status}`);
  spec.schema?.parse(body);
}
