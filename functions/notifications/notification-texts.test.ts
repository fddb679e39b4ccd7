import { describe, expect, test } from "@jest/globals";
import { CANCEL_CAUSES, EVENTS, REFUND_CAUSES, ROLES } from "../events.ts";
import { textsFor } from "./notification-texts.ts";

describe("The texts of an event", () => {
  test("exist for every event and both roles", () => {
    for (const event of EVENTS) {
      for (const role of ROLES) {
        const { title, content } = textsFor(event, role, { total_amount: "299.99", currency: "CNY" });
        expect(title).toMatch(/^[A-Z][\w ]+$/);
        expect(content).toMatch(/^(?=[A-Z0-9]).*299\.99 CNY.*\.$/);
      }
    }
  });

  test("still read as sentences when nothing is known of the order", () => {
    for (const event of EVENTS) {
      for (const role of ROLES) {
        expect(textsFor(event, role, {}).content).toMatch(/^[A-Z][^{}]*[^ ]\.$/);
        expect(textsFor(event, role, {}).content).not.toMatch(/undefined| {2}/);
      }
    }
  });

  test("name the amount of the failed attempt", () => {
    expect(textsFor("payment.failed", "buyer", { amount: "299.99", currency: "CNY" }).content).toBe(
      "A payment of 299.99 CNY for your order failed. You may pay again.",
    );
  });

  test("name the refunded amount, not the total", () => {
    const data = { total_amount: "299.99", currency: "CNY", amount: "50.00", reason: "it was paid twice" };
    expect(textsFor("payment.refunded", "buyer", data).content).toBe(
      "50.00 CNY was refunded to you: it was paid twice.",
    );
  });

  test.each([...CANCEL_CAUSES, ...REFUND_CAUSES])("give the cause %j, and end in one full stop", (cause) => {
    for (const event of ["order.cancelled", "payment.refunded"] as const) {
      expect(textsFor(event, "seller", { reason: cause }).content).toMatch(new RegExp(`: ${cause}\\.$`));
    }
  });

  test("give a cause that an earlier version worded differently in the words of this one", () => {
    const { content } = textsFor("payment.refunded", "buyer", {
      amount: "50.00",
      currency: "CNY",
      reason: "it came after the attempt was failed",
    });
    expect(content).toBe("50.00 CNY was refunded to you: it came after the attempt had failed.");
  });

  test.each(["your account is suspended, see https://evil.example", "Expired", "expired. Call 555", " "])(
    "never pass on what somebody wrote: %j",
    (reason) => {
      for (const event of EVENTS) {
        for (const role of ROLES) {
          const data = { total_amount: "1.00", currency: "CNY", customer_name: reason, remark: reason };
          expect(textsFor(event, role, { ...data, reason })).toEqual(textsFor(event, role, data));
          expect(JSON.stringify(textsFor(event, role, { ...data, reason }))).not.toContain("evil");
        }
      }
    },
  );
});
