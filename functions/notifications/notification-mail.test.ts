import { describe, expect, test } from "@jest/globals";
import { messageOf, pendingEmail } from "./notification.ts";
import { dueMail, mailDueAt, messageIdOf, recordMail } from "./notification-mail.ts";

const start = Date.parse("2026-11-01T12:00:00.000Z");
const day = 24 * 3_600_000;
const message = messageOf(
  {
    id: "0192f5b0-0000-7000-8000-000000000001",
    user_id: "ann",
    type: "system",
    title: "Hello",
    content: "World",
    related_id: null,
    fingerprint: "",
  },
  pendingEmail("ann@example.com", start),
  start,
);

describe("A pending mail", () => {
  test("is tried at once, but left to the hinted relay for a second before a sweep takes it", () => {
    expect(dueMail(message, start)).toBeDefined();
    expect(mailDueAt(message)).toBe(start + 1_000);
  });

  test("waits 1 s after the first failure, twice as long after each further one, and 5 min at most", () => {
    let current = message;
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      current = recordMail(current, { kind: "failed", to: "ann@example.com" }, start);
      waits.push((mailDueAt(current) ?? 0) - start);
    }
    expect(waits).toEqual(
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1_000),
    );
  });

  test("that failed is not tried again before its time", () => {
    const failed = recordMail(message, { kind: "failed", to: null }, start);
    expect(dueMail(failed, start + 999)).toBeUndefined();
    expect(dueMail(failed, start + 1_000)).toBeDefined();
  });

  test("is given up after five days", () => {
    const failed = recordMail(message, { kind: "failed", to: null }, start + 5 * day + 1);
    expect(failed.channels.email?.status).toBe("unreachable");
    expect(mailDueAt(failed)).toBeUndefined();
  });

  test("that was refused for good is unreachable at once", () => {
    const refused = recordMail(message, { kind: "refused", to: "ann@example.com" }, start);
    expect(refused.channels.email).toMatchObject({ status: "unreachable", attempts: 1 });
  });

  test("is dropped when its user turns out to have no address", () => {
    expect(recordMail(message, { kind: "no_address" }, start).channels).toEqual({ in_app: "delivered" });
  });
});

describe("A mail that was sent", () => {
  const sent = recordMail(message, { kind: "sent", to: "ann@example.com" }, start);

  test("stays sent when a slower try reports a failure", () => {
    expect(recordMail(sent, { kind: "failed", to: "ann@example.com" }, start)).toBe(sent);
    expect(mailDueAt(sent)).toBeUndefined();
  });

  test("keeps the Message-ID of the first try", () => {
    expect(messageIdOf(sent)).toBe(messageIdOf(message));
    expect(messageIdOf(message)).toBe("<0192f5b0-0000-7000-8000-000000000001@cfmp-order.example>");
  });
});
