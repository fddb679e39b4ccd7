import { describe, expect, test } from "@jest/globals";
import { delivered, failed, parkedEvents, resend } from "../../lib/outbox/outbox.ts";
import { MAIL_ID, mailSent, mailStatus, messageOf, type PendingMail } from "./notification.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");

const message = (mail: PendingMail | "unreachable" | undefined) =>
  messageOf(
    {
      id: "0192f5b0-0000-7000-8000-000000000001",
      user_id: "ann",
      type: "system",
      title: "Hello",
      content: "World",
      related_id: null,
      fingerprint: "",
      shown: true,
    },
    mail,
    NOW,
  );

describe("How a mail stands", () => {
  const pending = message({ channel: "email", to: "ann@example.com" });

  test("is none where none was requested, and unreachable where there was no address", () => {
    expect(mailStatus(message(undefined))).toBeUndefined();
    expect(mailStatus(message("unreachable"))).toBe("unreachable");
    expect(message("unreachable").outbox).toEqual([]);
  });

  test("is pending until a mail server has taken it", () => {
    expect(mailStatus(pending)).toBe("pending");
    const sent = mailSent({ ...pending, outbox: delivered(pending.outbox, MAIL_ID) });
    expect(mailStatus(sent)).toBe("sent");
    expect(mailSent(sent)).toBe(sent);
  });

  test("is unreachable once it was given up, and pending again when somebody has it sent again", () => {
    const refused = { kind: "final" as const, text: "550" };
    const parked = { ...pending, outbox: failed(pending.outbox, MAIL_ID, refused, NOW) };
    expect(parkedEvents(parked.outbox)).toHaveLength(1);
    expect(mailStatus(parked)).toBe("unreachable");
    expect(mailStatus({ ...parked, outbox: resend(parked.outbox, MAIL_ID, NOW) })).toBe("pending");
  });
});
