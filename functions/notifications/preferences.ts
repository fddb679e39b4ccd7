// A user's preferences: by which channels they get what, and in which language.

import type { Locale } from "../../lib/core/locales.ts";
import type { PreferencesView } from "./contract.ts";
import type { Notification } from "./notification.ts";
import { TOPICS, type Topic } from "./topics.ts";

export type Channel = "in_app" | "email" | "push";

type Choices = Readonly<Record<Channel, boolean>>;

/** What a user has chosen. Of channels only what differs from the default is kept, so that a later default reaches who never chose. */
export interface Preferences {
  readonly locale?: Locale;
  readonly events: Readonly<Partial<Record<Topic, Partial<Choices>>>>;
}

export const NO_PREFERENCES: Preferences = { events: {} };

/** Nobody gets promotion by mail or push who did not ask for it. */
const defaultOf = (topic: Topic, channel: Channel): boolean => topic !== "promotion" || channel === "in_app";

/** What a request asks for; what it leaves out is the default. */
export interface PreferencesInput {
  readonly locale?: Locale | null | undefined;
  readonly events?:
    | Partial<Record<Topic, Partial<Record<Channel, boolean | undefined>> | undefined>>
    | undefined;
}

/** The preferences that `input` asks for. The same input gives the same ones. */
export function preferencesOf({ locale, events = {} }: PreferencesInput): Preferences {
  const chosen: Partial<Record<Topic, Partial<Choices>>> = {};
  for (const topic of TOPICS) {
    const { in_app, email, push } = events[topic] ?? {};
    const choices = {
      ...differing(topic, "in_app", in_app),
      ...differing(topic, "email", email),
      ...differing(topic, "push", push),
    };
    if (Object.keys(choices).length > 0) chosen[topic] = choices;
  }
  return { ...(locale == null ? {} : { locale }), events: chosen };
}

const differing = (topic: Topic, channel: Channel, choice: boolean | undefined): Partial<Choices> =>
  choice === undefined || choice === defaultOf(topic, channel) ? {} : { [channel]: choice };

/** Whether the user gets notifications of `topic` by `channel`. */
export const wants = ({ events }: Preferences, topic: Topic, channel: Channel): boolean =>
  events[topic]?.[channel] ?? defaultOf(topic, channel);

/** All choices, with the defaults where the user made none. */
export function preferencesToView(preferences: Preferences): PreferencesView {
  const choices = (topic: Topic): Choices => ({
    in_app: wants(preferences, topic, "in_app"),
    email: wants(preferences, topic, "email"),
    push: wants(preferences, topic, "push"),
  });
  return {
    locale: preferences.locale ?? null,
    events: Object.fromEntries(TOPICS.map((topic) => [topic, choices(topic)])),
  };
}

/** By which of the preferences a notification goes. */
export function topicOf({ type, event }: Pick<Notification, "type" | "event">): Topic {
  if (type === "promotion") return "promotion";
  return TOPICS.find((topic) => topic === event) ?? "message";
}

/** Whether it is shown in the application: what concerns money always is, also in a message. */
export const shownInApp = (
  preferences: Preferences,
  notification: Pick<Notification, "type" | "event">,
): boolean => notification.type === "transaction" || wants(preferences, topicOf(notification), "in_app");

/** The same without promotion by mail. */
export function withoutPromotion({ events, ...rest }: Preferences): Preferences {
  const { promotion, ...others } = events;
  return preferencesOf({ ...rest, events: { ...others, promotion: { ...promotion, email: false } } });
}
