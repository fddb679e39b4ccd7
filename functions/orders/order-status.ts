// The statuses of an order, used by its contract and its rules.

export const ORDER_STATUSES = ["pending", "paid", "completed", "cancelled", "refunded"] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];
