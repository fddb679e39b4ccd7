// What a webhook gets: an event of an order as the Standard Webhooks specification has it, with an id that all attempts share.

import { derivedId } from "../../../lib/core/ids.ts";
import { iso } from "../../../lib/core/iso.ts";
import type { EventName } from "../../events.ts";
import type { PartyEvent } from "../peer-contract.ts";
import { eventData } from "../texts/event-texts.ts";

export interface Message {
  /** The header `webhook-id`: by it a receiver knows a message that it has. */
  readonly id: string;
  readonly order_id: string;
  readonly type: EventName | typeof TEST_TYPE;
  /** When the event happened. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The type of a message that its owner sends to try a webhook. */
export const TEST_TYPE = "webhook.test";

/** The message of `event`: the same in every delivery of it, for every webhook. */
export function messageOf({ event_id, event, occurred_at, related_id, data }: PartyEvent): Message {
  const { order_id = related_id, ...values } = eventData(data);
  return {
    id: `msg_${derivedId("webhook-message", event_id)}`,
    order_id,
    type: event,
    // In one format, because messages are sorted by it.
    timestamp: iso(Date.parse(occurred_at)),
    data: { order_id, ...values },
  };
}

/** The body, the same bytes in every attempt. */
export const bodyOf = ({ type, timestamp, data }: Message): string =>
  JSON.stringify({ type, timestamp, data });
