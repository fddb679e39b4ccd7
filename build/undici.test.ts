import { afterAll, expect, test } from "@jest/globals";
import { bundles } from "./test-bundle.ts";

const { bundle, remove } = bundles();

afterAll(remove);

test("a bundle carries undici's client with one build of its parser, and neither fetch nor web sockets", async () => {
  const { has } = await bundle("orders/handlers/get-order.ts");
  const carried = (name: string) => has(`/undici/lib/${name}`);
  expect(carried("dispatcher/pool.js")).toBe(true);
  expect(carried("llhttp/llhttp_simd-wasm.js")).toBe(true);
  expect(carried("llhttp/llhttp-wasm.js")).toBe(false);
  expect(carried("web/fetch/index.js")).toBe(false);
  expect(carried("web/websocket/websocket.js")).toBe(false);
});
