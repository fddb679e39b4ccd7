// The functions that deliver the events in outboxes of OrderService.

export const orderRelay = {
  name: "orders-relay",
  file: "relay",
  description: "Delivers events of orders to their parties; expires unpaid orders",
} as const;
