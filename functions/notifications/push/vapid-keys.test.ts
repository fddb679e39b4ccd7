import { createPrivateKey, createPublicKey } from "node:crypto";
import { expect, test } from "@jest/globals";
import { derivedVapidKey, vapidKey } from "./vapid-keys.ts";

test("A key that follows from a secret is always the same, another for another secret, and a pair of P-256", () => {
  const key = derivedVapidKey("a secret");
  expect(derivedVapidKey("a secret")).toEqual(key);
  expect(derivedVapidKey("another")).not.toEqual(key);
  const point = Buffer.from(key.publicKey, "base64url");
  expect([point.length, point[0]]).toEqual([65, 4]);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d: key.privateKey, x: x ?? "", y: y ?? "" };
  const made = createPublicKey(createPrivateKey({ format: "jwk", key: jwk })).export({ format: "jwk" });
  expect(made).toMatchObject({ x, y });
});

test("A private key as tools print it has one public key; any other text has none", () => {
  const key = derivedVapidKey("a secret");
  expect(vapidKey(key.privateKey)).toEqual(key);
  // As the padding is written by some.
  expect(vapidKey(`${key.privateKey}=`)).toEqual(key);
  // Zero, the group's order, too short, no base64url.
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  for (const text of ["A".repeat(43), order.toString("base64url"), "abc", "!".repeat(43), ""])
    expect(vapidKey(text)).toBeUndefined();
});
