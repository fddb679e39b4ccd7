import { describe, expect, test } from "@jest/globals";
import { objectionTo, relativeImports } from "./import-rules.ts";

describe("imports", () => {
  test.each([
    ["lib/http/a.ts", "functions/orders/contract.ts"],
    ["lib/http/a.ts", "functions/services.ts"],
    ["lib/http/a.ts", "local/log.ts"],
    ["lib/http/a.ts", "tests/support/poll.ts"],
    ["lib/http/a.ts", "lib/http/test-things.ts"],
    ["lib/http/a.test.ts", "functions/orders/contract.ts"],
    ["functions/services.ts", "local/log.ts"],
    ["functions/services.ts", "functions/orders/order.ts"],
    ["functions/orders/handlers/a.ts", "local/log.ts"],
    ["functions/orders/a.ts", "functions/payments/payment.ts"],
    ["functions/orders/a.ts", "functions/payments/handlers/contract.ts"],
    ["functions/orders/a.test.ts", "functions/payments/payment.ts"],
    ["functions/any-new-one/a.ts", "functions/orders/order.ts"],
    ["functions/any-new-one/a.ts", "bench/run.ts"],
    ["local/runtime/a.ts", "functions/orders/order.ts"],
  ])("%s may not import %s", (from, to) => {
    expect(objectionTo(from, to)).toEqual(expect.any(String));
  });

  test.each([
    ["lib/http/a.ts", "lib/storage/table.ts"],
    ["lib/http/a.test.ts", "tests/support/poll.ts"],
    ["lib/http/a.test.ts", "lib/http/test-things.ts"],
    ["functions/orders/a.ts", "functions/orders/handlers/b.ts"],
    ["functions/orders/a.ts", "functions/payments/contract.ts"],
    ["functions/orders/a.ts", "lib/http/handler.ts"],
    ["functions/orders/a.test.ts", "local/runtime/tables.ts"],
    ["functions/services.ts", "functions/orders/contract.ts"],
    ["local/runtime/a.ts", "functions/services.ts"],
    ["local/runtime/a.ts", "functions/orders/contract.ts"],
    ["local/runtime/a.ts", "lib/config/env.ts"],
    ["tests/journeys/a.test.ts", "functions/payments/providers/sandbox/signature.ts"],
    ["bench/run.ts", "tests/support/system.ts"],
  ])("%s may import %s", (from, to) => {
    expect(objectionTo(from, to)).toBeUndefined();
  });
});

test("are found in every form", () => {
  const source = `
    import "./a.ts";
    import type { B } from "../b.ts";
    export * from "./c.ts";
    export {
      d,
    } from "./d.ts";
    const e = await import("./e.ts");
    import fastCheck from "fast-check";
  `;
  expect(relativeImports(source)).toEqual(["./a.ts", "../b.ts", "./c.ts", "./d.ts", "./e.ts"]);
});
