// The functions that deliver the events in outboxes of NotificationService.

export const notificationRelay = {
  name: "notifications-relay",
  file: "relay",
  description: "Sends notifications by e-mail",
} as const;
