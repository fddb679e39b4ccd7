// What panels with routes of their own show where no system runs behind the page: one of everything.

import { CONFIG_ROUTE, type LiveConfigView } from "../../../local/control-room/config/contract.ts";
import type { PanelRoutes } from "../../../local/control-room/panel-routes.ts";
import {
  type AttemptView,
  PROVIDER_ROUTE,
  type TerminalView,
} from "../../../local/control-room/provider/contract.ts";

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

const attempt: AttemptView = {
  reference: "5oggmp566g2sg27ofokfml0kiax68lko",
  payment_id: "5fee6dba-72bc-5e22-900b-66179434a822",
  order_id: "01980000-0000-7000-8000-000000000001",
  amount: "299.99",
  currency: "CNY",
  created_at: "2026-11-29T06:26:44.735Z",
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

export const samplePanels: readonly PanelRoutes[] = [
  {
    reads: { [CONFIG_ROUTE]: async () => config, [PROVIDER_ROUTE]: async () => provider },
    commands: { [CONFIG_ROUTE]: async () => ({ problems: [], changes: [], applied: [] }) },
  },
];
