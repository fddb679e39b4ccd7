// The functions that deliver the events in outboxes of NotificationService.

export const notificationRelay = {
  name: "notifications-relay",
  file: "relay",
  description: "Sends notifications by e-mail and push",
  parkedIsUsual: true,
} as const;

/** Beside the other one: receivers may be slow, and mails do not wait for them. */
export const webhookRelay = {
  name: "notifications-webhook-relay",
  file: "webhook-relay",
  description: "Sends events to webhooks",
  parkedIsUsual: true,
} as const;

/** The functions of its WebSocket API. */
export const liveFunctions = [
  {
    name: "notifications-connectLive",
    file: "connect-live",
    route: "$connect",
    description: "Opens a live connection of a user",
  },
  {
    name: "notifications-disconnectLive",
    file: "disconnect-live",
    route: "$disconnect",
    description: "Forgets a live connection",
  },
  {
    name: "notifications-messageLive",
    file: "message-live",
    route: "$default",
    description: "Sends what a live connection has missed",
  },
] as const;
