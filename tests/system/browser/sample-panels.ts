// What panels with routes of their own show where no system runs behind the page: one of everything.

import type { SandboxAttempt } from "../../../functions/control-room.ts";
import { CONFIG_ROUTE, type LiveConfigView } from "../../../local/control-room/config/contract.ts";
import { PARKED_ROUTE, type ParkedView } from "../../../local/control-room/outbox/contract.ts";
import type { PanelRoutes } from "../../../local/control-room/panel-routes.ts";
import { PROVIDER_ROUTE, type TerminalView } from "../../../local/control-room/provider/contract.ts";
import {
  SENT_HTML_ROUTE,
  SENT_ONE_ROUTE,
  SENT_ROUTE,
  type SentDetail,
  type SentPage,
  type SentView,
} from "../../../local/control-room/sent/contract.ts";

const MD5 = "9a0364b9e99bb480dd25e1f0284c8555";

const config: LiveConfigView = {
  document: {
    registry: "127.0.0.1:8848",
    namespace: "public",
    group: "DEFAULT_GROUP",
    data_id: "cfmp-order",
    content: '{\n  "page_size_default": 20\n}\n',
    md5: MD5,
    problems: [],
  },
  settings: [
    { name: "page_size_default", environment: "10", document: "20" },
    { name: "discovery.frozen_list_stale_ms", environment: "2000", document: null },
  ],
  instances: [
    { runtime: "1", pid: 4711, services: ["OrderService"], source: "nacos", md5: MD5, refused: false },
    { runtime: "2", pid: 4712, services: ["PaymentService"], source: "kept", md5: null, refused: true },
  ],
};

const created = "2026-11-29T06:26:44.735Z";
const attempt: SandboxAttempt = {
  reference: "5oggmp566g2sg27ofokfml0kiax68lko",
  payment_id: "5fee6dba-72bc-5e22-900b-66179434a822",
  order_id: "01980000-0000-7000-8000-000000000001",
  amount: "299.99",
  currency: "CNY",
  created_at: created,
  payment_status: "pending",
  attempt_status: "pending",
  charge: "open",
  captured: null,
  callbacks: [],
};
const at = "2026-11-29T06:26:54.735Z";
const provider: TerminalView = {
  attempts: [
    attempt,
    {
      ...attempt,
      reference: "2",
      charge: "captured",
      captured: "1.50",
      callbacks: [
        { state: "held", at, error: null },
        { state: "waiting", at, error: null },
        { state: "parked", at, error: "PaymentService answered 409" },
      ],
    },
    { ...attempt, reference: "3", charge: "failed", payment_status: "failed", attempt_status: "failed" },
  ],
};

const sentView: SentView = {
  id: 3,
  at: Date.parse(at),
  kind: "mail",
  outcome: "accepted",
  user: "demo",
  order_id: "01980000-0000-7000-8000-000000000001",
  to: null,
  status: null,
  error: null,
  attempt: 1,
  duration_ms: 12,
  trace_id: "0".repeat(32),
};
const webhookView: SentView = {
  ...sentView,
  id: 2,
  kind: "webhook",
  outcome: "failed",
  user: null,
  to: "hooks.example",
  status: 500,
  attempt: 3,
};
const sentItems: SentPage = {
  items: [sentView, webhookView, { ...sentView, id: 1, kind: "live_push", outcome: "gone" }],
  next_cursor: "1",
};
const sentMail: SentDetail = {
  sent: sentView,
  bytes: null,
  notification: {
    notification_id: "5fee6dba-72bc-5e22-900b-66179434a822",
    user_id: "demo",
    event: "order.paid",
    type: "transaction",
    created_at: at,
    read: false,
    channels: { in_app: "delivered", email: "sent" },
    waiting: [
      { what: "push", state: "waiting", attempts: 2, next_at: at, error: "The push service answered 503" },
    ],
  },
  mail: {
    from: '"Shop" <shop@shop.example>',
    to: "demo@shop.example",
    subject: "Your order is paid",
    text: `Thank you.\n\n${"A long line. ".repeat(20)}`,
    has_html: true,
    copies: 1,
  },
  webhook: null,
  may_retry: false,
};
const sentWebhook: SentDetail = {
  sent: webhookView,
  bytes: null,
  notification: null,
  mail: null,
  webhook: {
    webhook_id: "5fee6dba-72bc-5e22-900b-66179434a823",
    owner: null,
    url: `https://hooks.example/${"a".repeat(120)}`,
    enabled: true,
    failures_in_a_row: 3,
    paused_until: null,
    message_id: "msg_5fee6dba-72bc-5e22-900b-66179434a824",
    type: "order.paid",
    body: '{"type":"order.paid","data":{"order_id":"01980000-0000-7000-8000-000000000001"}}',
    may_retry: true,
    waiting: { what: "order.paid", state: "parked", attempts: 3, next_at: at, error: "it answered 500" },
    attempts: [
      { at, duration_ms: 12, accepted: false, status: 500, reason: null, reply: "x".repeat(1_024) },
      { at: created, duration_ms: 6_000, accepted: false, status: null, reason: "timeout", reply: "" },
    ],
  },
  may_retry: true,
};

const parked: ParkedView = {
  items: [
    {
      table: "sandbox",
      aggregate: attempt.reference,
      kind: "event",
      id: "callback",
      since: at,
      tries: 20,
      error: "PaymentService answered 422 body_invalid",
    },
    {
      table: "unmatched",
      aggregate: "5fee6dba-72bc-5e22-900b-66179434a822",
      kind: "transaction",
      id: "transaction",
      since: at,
      tries: 1,
      error: "no payment takes it",
    },
  ],
  more: true,
};

export const samplePanels: readonly PanelRoutes[] = [
  {
    reads: {
      [CONFIG_ROUTE]: async () => config,
      [PROVIDER_ROUTE]: async () => provider,
      [PARKED_ROUTE]: async () => parked,
      [SENT_ROUTE]: async () => sentItems,
      [SENT_ONE_ROUTE]: async (_, id) => (id === "2" ? sentWebhook : sentMail),
    },
    commands: { [CONFIG_ROUTE]: async () => ({ problems: [], changes: [], applied: [] }) },
    foreign: {
      [SENT_HTML_ROUTE]: async () =>
        '<!doctype html><html lang="en"><title>Mail</title><h1 style="color:#0b5cad">Your order is paid</h1></html>',
    },
  },
];
