import { describe, expect, test } from "@jest/globals";
import { notifications } from "./contract.ts";
import { type Role, textsFor } from "./notification-texts.ts";

const events = notifications.routes.recordEvent.body?.shape.event.options ?? [];
const roles: readonly Role[] = ["buyer", "seller"];

describe("The texts of an event", () => {
  test("exist for every event of the contract and both roles", () => {
    expect(events).toHaveLength(6);
    for (const event of events) {
      for (const role of roles) {
        const { title, content } = textsFor(event, role, { total_amount: "299.99", currency: "CNY" });
        expect(title).toMatch(/^[A-Z][\w ]+$/);
        expect(content).toMatch(/^(?=[A-Z0-9]).*299\.99 CNY.*\.$/);
      }
    }
  });

  test("still read as sentences when nothing is known of the order", () => {
    for (const event of events) {
      for (const role of roles) {
        expect(textsFor(event, role, {}).content).toMatch(/^[A-Z][^{}]*[^ ]\.$/);
        expect(textsFor(event, role, {}).content).not.toMatch(/undefined| {2}/);
      }
    }
  });

  test("name the amount given back, not the total", () => {
    const data = { total_amount: "299.99", currency: "CNY", amount: "50.00", reason: "one was broken" };
    expect(textsFor("payment.refunded", "buyer", data).content).toBe(
      "50.00 CNY was given back to you: one was broken.",
    );
  });

  test("end in one full stop, whatever the reason ends in", () => {
    expect(textsFor("order.cancelled", "seller", { reason: "changed my mind. " }).content).toBe(
      "An order was cancelled: changed my mind.",
    );
  });
});
