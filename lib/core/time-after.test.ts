import { expect, test } from "@jest/globals";
import { latest, timeAfter } from "./time-after.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");

test("A time is now, where nothing happened before, or only earlier", () => {
  expect(timeAfter(NOW, "")).toBe("2026-11-01T12:00:00.000Z");
  expect(timeAfter(NOW, "2026-11-01T11:59:59.999Z")).toBe("2026-11-01T12:00:00.000Z");
});

test("A time is later than the last one, also where that is now or ahead of this clock", () => {
  expect(timeAfter(NOW, "2026-11-01T12:00:00.000Z")).toBe("2026-11-01T12:00:00.001Z");
  expect(timeAfter(NOW, "2026-11-01T12:00:04.000Z")).toBe("2026-11-01T12:00:04.001Z");
});

test("The latest of some times is found among those that are defined", () => {
  expect(latest()).toBe("");
  expect(latest(undefined, "2026-11-01T12:00:00.000Z", "2026-11-01T11:00:00.000Z")).toBe(
    "2026-11-01T12:00:00.000Z",
  );
});
