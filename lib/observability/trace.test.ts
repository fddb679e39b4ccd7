import { describe, expect, test } from "@jest/globals";
import { continueTrace, isSampled, spanContextOf, spanIdOf, traceOf, traceparentOf } from "./trace.ts";

const GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const SHAPE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

describe("continueTrace", () => {
  test("keeps the trace of a caller and gives it a span of its own", () => {
    const { traceId, traceparent } = continueTrace(GIVEN);
    expect(traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(traceparent).not.toBe(GIVEN);
  });

  test.each([
    undefined,
    "",
    "00-xyz",
    GIVEN.toUpperCase(),
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    GIVEN.replace("b7ad6b7169203331", "0".repeat(16)),
    `${GIVEN}-x`,
    `${GIVEN}, ${GIVEN}`,
    GIVEN.replace(/^00/, "ff"),
    `${GIVEN.replace(/^00/, "01")}x`,
    `${GIVEN.replace(/^00/, "01")}, ${GIVEN}`,
  ])("begins a trace when the caller sends %p", (header) => {
    const { traceId, traceparent } = continueTrace(header);
    expect(traceparent).toMatch(SHAPE);
    expect(traceId).not.toMatch(/^0+$|0af7651916cd43dd8448eb211c80319c/);
  });

  test("never gives the same trace or span twice", () => {
    const made = Array.from({ length: 1_000 }, () => continueTrace(undefined));
    expect(new Set(made.map(({ traceId }) => traceId)).size).toBe(1_000);
    expect(new Set(made.map(({ traceparent }) => traceparent.slice(36, 52))).size).toBe(1_000);
  });
});

test.each([
  [GIVEN.replace(/^00/, "01"), "01"],
  [`${GIVEN.replace(/^00/, "cc")}-what-comes`, "01"],
  [`${GIVEN.replace(/^00/, "01")}-`, "01"],
  [GIVEN.replace(/01$/, "03"), "03"],
  [GIVEN.replace(/01$/, "ff"), "03"],
  [GIVEN.replace(/01$/, "fc"), "00"],
])("%s is continued as version 00 with the flags %s", (given, flags) => {
  expect(continueTrace(given).traceparent).toMatch(
    new RegExp(`^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-${flags}$`),
  );
});

test("traceOf names the trace of what continueTrace made, span and all", () => {
  const made = continueTrace(GIVEN);
  expect(traceOf(made.traceparent)).toEqual(made);
});

test("a traceparent is read, and written again", () => {
  const read = spanContextOf(GIVEN);
  expect(read).toEqual({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    flags: "01",
  });
  expect(read && traceparentOf(read)).toBe(GIVEN);
  expect(spanIdOf(GIVEN)).toBe(read?.spanId);
  expect([undefined, "nonsense", `00-${"0".repeat(32)}-b7ad6b7169203331-01`].map(spanContextOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["00", false],
  ["01", true],
  ["02", false],
  ["03", true],
])("flags %s: recorded is %p", (flags, sampled) => {
  expect(isSampled({ flags })).toBe(sampled);
});
