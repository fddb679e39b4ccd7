import { describe, expect, test } from "@jest/globals";
import { commandsOf, type Rule, targetOf } from "../../lib/core/rules.ts";
import {
  closeSampleItem,
  createSampleItem,
  expireSampleItem,
  LIFETIME_MS,
  type SampleItem,
  visibleTo,
} from "./sample-item.ts";
import { SAMPLE_ITEM_RULES } from "./sample-item-machine.ts";
import { SAMPLE_ITEM_STATUSES, type SampleItemStatus } from "./sample-item-status.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const made = createSampleItem({ id: "1", user_id: "ann", note: "a note", fingerprint: "f" }, NOW);

/** Each command, given in the one way in which only the status can stand against it. */
const GIVE: Readonly<Record<keyof typeof SAMPLE_ITEM_RULES, (sampleItem: SampleItem) => SampleItem>> = {
  close: (sampleItem) => closeSampleItem(sampleItem, NOW),
  expire: (sampleItem) => expireSampleItem(sampleItem, NOW + LIFETIME_MS),
};

const cells = commandsOf(SAMPLE_ITEM_RULES).flatMap((name) => {
  const rule: Rule<SampleItemStatus> = SAMPLE_ITEM_RULES[name];
  return SAMPLE_ITEM_STATUSES.map((status) => ({ name, rule, status }));
});

describe("the sample item's table", () => {
  test.each(cells)("$name, when it is $status, does what the table says", ({ name, rule, status }) => {
    const sampleItem: SampleItem = { ...made, status };
    const to = targetOf(rule, status);
    if (to !== undefined) expect(GIVE[name](sampleItem).status).toBe(to);
    else if ("refused" in rule.otherwise) {
      const refusal = { kind: "conflict", code: rule.otherwise.refused };
      expect(() => GIVE[name](sampleItem)).toThrow(expect.objectContaining(refusal));
    } else expect(GIVE[name](sampleItem)).toBe(sampleItem);
  });
});

describe("a sample item", () => {
  test("is closed by the sweep at the end of its time, and not before", () => {
    expect(expireSampleItem(made, NOW + LIFETIME_MS - 1)).toBe(made);
    expect(expireSampleItem(made, NOW + LIFETIME_MS).status).toBe("closed");
  });

  test("is there for its user alone", () => {
    expect(visibleTo(made, "ann")).toBe(made);
    for (const other of [() => visibleTo(made, "bob"), () => visibleTo(undefined, "ann")]) {
      expect(other).toThrow(expect.objectContaining({ kind: "not_found" }));
    }
  });
});
