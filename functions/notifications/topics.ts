// What preferences tell apart.

import { EVENTS } from "../events.ts";

/** Events of orders and payments, messages of users, and promotion. */
export const TOPICS = [...EVENTS, "message", "promotion"] as const;

export type Topic = (typeof TOPICS)[number];
