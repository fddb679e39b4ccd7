import { describe, expect, test } from "@jest/globals";
import { PeerRefusal } from "../contract/client.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";
import { DeliveryFailure, failureOf } from "./failure.ts";

const answered = (status: number, code = "some_code", detail = "some detail") =>
  failureOf(new PeerRefusal("OrderService", status, code, detail));

describe("a failed delivery", () => {
  test.each([400, 410, 413, 415, 422])("that was answered with %p can never succeed", (status) => {
    expect(answered(status).kind).toBe("final");
  });

  test.each([404, 405, 409, 500, 501])(
    "that was answered with %p may succeed yet, within limits",
    (status) => {
      expect(answered(status).kind).toBe("refused");
    },
  );

  test.each([401, 403, 408, 421, 425, 429, 502, 503, 504])(
    "that was answered with %p says nothing of the event",
    (status) => {
      expect(answered(status).kind).toBe("away");
    },
  );

  test("that reached nobody says nothing of the event", () => {
    const error = new PeerUnavailable("OrderService", "no instance", { maybeSent: false });
    expect(failureOf(error)).toEqual({ kind: "away", text: "OrderService is not available: no instance" });
  });

  test("by an error of this program's own may be the event's fault", () => {
    expect(failureOf(new TypeError("cannot read properties of alice@example.com"))).toEqual({
      kind: "refused",
      text: "TypeError",
    });
  });
});

describe("what is kept of a failure", () => {
  test("is how long its receiver asks to wait", () => {
    expect(failureOf(new DeliveryFailure("away", "answered 429", 7_000))).toEqual({
      kind: "away",
      text: "answered 429",
      retryAfter: 7_000,
    });
  });

  test("is what the receiver said in its problem document", () => {
    expect(answered(422, "body_invalid", "`amount` is wrong").text).toBe(
      "OrderService answered 422 body_invalid: `amount` is wrong",
    );
  });

  test("is nothing of a body that is none: it could hold anything", () => {
    expect(answered(500, "unexpected_reply", "password=hunter2").text).toBe(
      "OrderService answered 500 unexpected_reply",
    );
  });

  test("is short, however long the answer", () => {
    expect(answered(422, "body_invalid", "x".repeat(10_000)).text.length).toBeLessThanOrEqual(201);
  });
});
