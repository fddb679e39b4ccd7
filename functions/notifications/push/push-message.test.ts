import { describe, expect, test } from "@jest/globals";
import { messageOf, type NotificationType, notificationOf } from "../notification.ts";
import { MESSAGE_BYTES, PUSH_FOR_MS, pushMessage, pushTerms } from "./push-message.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const id = "0192f5b0-0000-7000-8000-000000000001";
const reader = { chosen: undefined, fallback: "en" as const };

const message = (content: string, type: NotificationType = "system") =>
  messageOf(
    { id, user_id: "ann", type, title: "Hello", content, related_id: null, fingerprint: "", shown: true },
    undefined,
    NOW,
  );

describe("What a service worker gets", () => {
  test("is the notification in its reader's language", () => {
    const event = {
      event_id: "1",
      event: "order.paid" as const,
      occurred_at: "2026-11-01T11:59:59.000Z",
      related_id: id,
      data: { total_amount: "299.99", currency: "CNY" },
      parties: [],
    };
    const paid = notificationOf(event, { user_id: "ann", role: "buyer" }, undefined, NOW);
    expect(JSON.parse(pushMessage(paid, { ...reader, chosen: "zh-CN" }))).toEqual({
      id: paid.id,
      type: "transaction",
      event: "order.paid",
      title: "订单已付款",
      content: expect.stringContaining("¥299.99"),
      locale: "zh-CN",
      related_id: id,
      created_at: "2026-11-01T11:59:59.000Z",
    });
  });

  test.each(["x", "双", "😀", '"', "\\"])(
    "fits into one push message, however much %s it has",
    (character) => {
      const text = pushMessage(message(character.repeat(2_000)), reader);
      const { length } = Buffer.from(text);
      expect(length).toBeLessThanOrEqual(MESSAGE_BYTES);
      const { content } = JSON.parse(text);
      if (character === "x") expect(content).toBe("x".repeat(2_000));
      else {
        expect(content).toMatch(/[^\ud800-\udbff]…$/);
        // No character more would fit.
        expect(length).toBeGreaterThan(MESSAGE_BYTES - 5);
      }
    },
  );
});

describe("A push service is told", () => {
  test.each([
    ["transaction", "high"],
    ["system", "normal"],
    ["promotion", "low"],
  ] as const)("that a %s is of %s urgency", (type, urgency) => {
    expect(pushTerms(message("c", type), NOW)).toMatchObject({ urgency });
  });

  test("to keep it until it is a day old", () => {
    expect(pushTerms(message("c"), NOW).ttl).toBe(PUSH_FOR_MS / 1_000);
    expect(pushTerms(message("c"), NOW + 3_600_000).ttl).toBe(PUSH_FOR_MS / 1_000 - 3_600);
    expect(pushTerms(message("c"), NOW + 2 * PUSH_FOR_MS).ttl).toBe(60);
  });

  test("the notification's own topic, of a form that it takes", () => {
    expect(pushTerms(message("c"), NOW).topic).toMatch(/^[\w-]{32}$/);
  });
});
