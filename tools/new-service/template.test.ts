import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { withRow } from "./row.ts";
import { renamed } from "./template.ts";

const shipping = { key: "shipping", service: "ShippingService", aggregate: ["gift", "parcel"], port: 8004 };
const ROOT = join(import.meta.dirname, "..", "..");
const TEMPLATE = join(ROOT, "tools", "service-template");
const files = readdirSync(TEMPLATE, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);

describe("the template", () => {
  test.each([
    ["sample-item-store.ts", "gift-parcel-store.ts"],
    ["SampleItem, sampleItems, SampleItems", "GiftParcel, giftParcels, GiftParcels"],
    ["SAMPLE_ITEM_RULES sample_item_not_closable", "GIFT_PARCEL_RULES gift_parcel_not_closable"],
    ["A sample item. Sample items", "A gift parcel. Gift parcels"],
    [
      "SampleService sampleService createSampleService",
      "ShippingService shippingService createShippingService",
    ],
    ["samples-relay /api/samples/ Samples", "shipping-relay /api/shipping/ Shipping"],
    ["sampleWorld SamplePorts", "shippingWorld ShippingPorts"],
  ])("%s becomes %s", (before, after) => {
    expect(renamed(before, shipping)).toBe(after);
  });

  test.each(files)("%s keeps none of its own names", (file) => {
    const text = readFileSync(join(TEMPLATE, file), "utf8");
    expect(renamed(file + text, shipping)).not.toMatch(/sample/i);
  });
});

describe("the row", () => {
  const list = readFileSync(join(ROOT, "functions", "services.ts"), "utf8");

  test("is the last of the list, and imports what it names", () => {
    const text = withRow(list, shipping);
    expect(text).toContain('import { shipping } from "./shipping/contract.ts";');
    expect(text).toMatch(
      /key: "shipping",\n {4}contract: shipping,\n {4}port: 8004,[\s\S]*\n {2}\},\n\];\n$/,
    );
    expect(text.replaceAll(/.*shipping.*\n/g, "").startsWith(list.slice(0, 100))).toBe(true);
  });

  test("is not put into a file that is no list", () => {
    expect(() => withRow("export const nothing = 1;\n", shipping)).toThrow(/does not end with its list/);
  });
});
