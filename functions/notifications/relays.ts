// The functions that deliver what NotificationService owes to others.

export const notificationRelay = {
  name: "notifications-relay",
  file: "relay",
  description: "Sends notifications by e-mail",
} as const;
