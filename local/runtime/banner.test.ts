import { expect, test } from "@jest/globals";
import { banner, registryNote } from "./banner.ts";

test("the table shows each service with its address, what belongs to it, and how long the start took", () => {
  const rows = [{ name: "OrderService", url: "http://127.0.0.1:8001", registered: false }];
  const text = banner(rows, [{ name: "registry", value: "127.0.0.1:8848" }], 2_345);
  expect(text).toMatch(/^ {2}OrderService {2}http:\/\/127\.0\.0\.1:8001 {2}not yet/m);
  expect(text).toMatch(/^ {2}registry {2}127\.0\.0\.1:8848$/m);
  expect(text).toContain("Ready in 2.3 s.");
});

test("the embedded registry is shown with its gRPC port, or with the lack of one; not where its helper says nothing", () => {
  expect(registryNote(9848)).toBe("(embedded; gRPC on 9848)");
  expect(registryNote(null)).toMatch(/^\(embedded; no gRPC, helper\.log/);
  expect(registryNote(undefined)).toBe("(embedded)");
});
