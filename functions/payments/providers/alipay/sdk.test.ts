import { Socket } from "node:net";
import { expect, test } from "@jest/globals";

test("Alipay's SDK, once it is loaded, does not change how other sockets end", async () => {
  const before = Socket.prototype.destroy;
  await import("./sdk.ts");
  expect(Socket.prototype.destroy).toBe(before);
  // Two connections of one pool end by one error.
  const error = new Error("the pool is closed");
  for (const socket of [new Socket(), new Socket()]) {
    socket.on("error", () => {});
    expect(() => socket.destroy(error)).not.toThrow();
  }
});
