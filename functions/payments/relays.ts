// The functions that deliver the events in outboxes of PaymentService, and of the sandbox provider within it.

export const paymentRelay = {
  name: "payments-relay",
  file: "relay",
  description:
    "Delivers events of payments to orders and parties; refunds; checks attempts at providers and ends them",
} as const;

export const sandboxRelay = {
  name: "sandbox-relay",
  file: "sandbox-relay",
  description: "Sends the sandbox provider's callbacks",
} as const;
