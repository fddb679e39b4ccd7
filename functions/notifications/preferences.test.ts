import { describe, expect, test } from "@jest/globals";
import { EVENTS } from "../events.ts";
import { notifications } from "./contract.ts";
import { messageOf, notificationOf } from "./notification.ts";
import {
  NO_PREFERENCES,
  preferencesOf,
  preferencesToView,
  shownInApp,
  topicOf,
  wants,
} from "./preferences.ts";
import { TOPICS } from "./topics.ts";

const { body } = notifications.routes.updatePreferences;
const all = { in_app: true, email: true, push: true };

describe("Preferences", () => {
  test("have every topic, each by all channels, but no promotion by mail or push", () => {
    expect(preferencesToView(NO_PREFERENCES)).toEqual({
      locale: null,
      events: {
        ...Object.fromEntries(EVENTS.map((event) => [event, all])),
        message: all,
        promotion: { in_app: true, email: false, push: false },
      },
    });
  });

  test("that a request gives back as it got them are stored as no choice", () => {
    expect(preferencesOf(body.parse(preferencesToView(NO_PREFERENCES)))).toEqual(NO_PREFERENCES);
  });

  test.each([{ locale: null }, { events: {} }, { events: { promotion: {} } }])(
    "%j are the defaults",
    (input) => {
      expect(preferencesOf(body.parse(input))).toEqual(NO_PREFERENCES);
    },
  );

  test("keep what differs from the defaults", () => {
    const input = {
      locale: "zh-CN" as const,
      events: {
        "order.paid": { email: false },
        message: { in_app: false },
        promotion: { email: true, in_app: true },
      },
    };
    const preferences = preferencesOf(body.parse(input));
    expect(preferences).toEqual({
      locale: "zh-CN",
      events: { "order.paid": { email: false }, message: { in_app: false }, promotion: { email: true } },
    });
    expect(preferencesOf(body.parse(preferencesToView(preferences)))).toEqual(preferences);
  });

  test.each(EVENTS)("never switch off the application for %s", (event) => {
    expect(body.safeParse({ events: { [event]: { in_app: true } } }).success).toBe(true);
    expect(body.safeParse({ events: { [event]: { in_app: false } } }).error?.issues).toMatchObject([
      { path: ["events", event, "in_app"], message: "can't be switched off for what concerns money" },
    ]);
  });

  test.each<object>([
    { locale: "de" },
    { events: { "order.lost": { email: true } } },
    { events: { message: { fax: true } } },
    { events: { message: { email: "no" } } },
    { events: { __proto__: null, constructor: {} } },
    { user_id: "bob" },
  ])("are not %j", (input) => {
    expect(body.safeParse(input).success).toBe(false);
  });
});

describe("The topic of a notification", () => {
  const event = {
    event_id: "1",
    occurred_at: "2026-11-01T12:00:00Z",
    related_id: "r",
    data: {},
    parties: [],
  };

  test.each(EVENTS)("of %s is the event", (name) => {
    const notification = notificationOf(
      { ...event, event: name },
      { user_id: "ann", role: "buyer" },
      undefined,
      0,
    );
    expect(topicOf(notification)).toBe(name);
  });

  test.each([
    ["promotion", "promotion", false],
    ["system", "message", false],
    ["transaction", "message", true],
  ] as const)(
    "of a message of type %s is %s; with all switched off it is shown: %s",
    (type, topic, shown) => {
      const given = {
        id: "i",
        user_id: "ann",
        title: "t",
        content: "c",
        related_id: null,
        fingerprint: "",
        shown: true,
      };
      const message = messageOf({ ...given, type }, undefined, 0);
      expect(topicOf(message)).toBe(topic);
      const nothing = preferencesOf({
        events: Object.fromEntries(TOPICS.map((each) => [each, { in_app: false, email: false }])),
      });
      expect(wants(nothing, topic, "email")).toBe(false);
      expect(shownInApp(nothing, message)).toBe(shown);
    },
  );
});
