// The services of this system, in the order in which they are listed everywhere.

import type { ServiceDefinition } from "../lib/contract/functions.ts";
import { notifications } from "./notifications/contract.ts";
import { orders } from "./orders/contract.ts";
import { payments } from "./payments/contract.ts";

export const services: readonly ServiceDefinition[] = [
  {
    key: "orders",
    contract: orders,
    port: 8001,
    relays: [
      { name: "orders-relay", file: "relay", description: "Tells parties of orders; expires unpaid ones" },
    ],
  },
  {
    key: "payments",
    contract: payments,
    port: 8002,
    relays: [
      {
        name: "payments-relay",
        file: "relay",
        description: "Tells orders of payments; refunds; asks providers what became of attempts, ends them",
      },
      { name: "sandbox-relay", file: "sandbox-relay", description: "Sends the sandbox provider's callbacks" },
    ],
  },
  {
    key: "notifications",
    contract: notifications,
    port: 8003,
    relays: [{ name: "notifications-relay", file: "relay", description: "Sends what goes out by e-mail" }],
  },
];
