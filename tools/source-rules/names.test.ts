import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { hasMethod, namesIn, namesInLib } from "./names.ts";

test("lib/ names no service and no provider", () => {
  expect(namesInLib(join(import.meta.dirname, "..", ".."))).toEqual([]);
});

test.each([
  ['const method = "alipay";', "alipay"],
  ["export const alipaySettings = {};", "alipay"],
  ["const wechatPay = 1;", "wechat_pay"],
  ['import { createWeChatPay } from "x";', "wechat_pay"],
  ["  WECHAT_PAY_KEY: text,", "wechat_pay"],
  ['discovery.call("PaymentService")', "PaymentService"],
  ["  ORDER_SERVICE_PORT: 8001,", "ORDER_SERVICE_PORT"],
  ['table("notifications")', "notifications"],
])("%s is found", (source, name) => {
  expect(namesIn(source)).toContain(`1: ${name}`);
});

test.each([
  "// as OrderService does",
  "/** `alipay` and the like */",
  "const order = sortedInOrder(all);",
  "const url = `https://example.org/a`; // of PaymentService",
])("%s is fine", (source) => {
  expect(namesIn(source)).toEqual([]);
});

test.each(["start()", "const restarted = 1;", "START_PAY_MS", "starPayload"])(
  "%s does not name a provider star_pay",
  (line) => {
    expect(hasMethod(line, "star_pay")).toBe(false);
  },
);

test("a file of lib/ that names one is found with its line; a test of it may", async () => {
  const root = await mkdtemp(join(tmpdir(), "cfmp-names-"));
  try {
    await mkdir(join(root, "lib", "money"), { recursive: true });
    await writeFile(
      join(root, "lib", "money", "fees.ts"),
      'export const one = 1;\nexport const of = "alipay";\n',
    );
    await writeFile(join(root, "lib", "money", "fees.test.ts"), 'const of = "alipay";\n');
    expect(namesInLib(root)).toEqual(["lib/money/fees.ts:2: alipay"]);
  } finally {
    await rm(root, { recursive: true });
  }
});
