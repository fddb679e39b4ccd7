// The functions that deliver what OrderService owes to others.

export const orderRelay = {
  name: "orders-relay",
  file: "relay",
  description: "Delivers events of orders to their parties; expires unpaid orders",
} as const;
