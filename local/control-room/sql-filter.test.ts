import { expect, test } from "@jest/globals";
import { anyText, conditions, cursorAt, cursorOf, filtersOf, numeric, oneOf, whole } from "./sql-filter.ts";

const refused = (code: string) => expect.objectContaining({ status: 400, code });

test("filters that are not used are no conditions", () => {
  expect(
    conditions([
      ["service = ?", anyText("sam")],
      ["level >= ?", numeric("level", "")],
      ["(buyer = ? OR seller = ?)", anyText("ann", 2)],
      ["errors > 0", []],
      ["kind = ?", anyText(oneOf("kind", undefined, ["mail"]))],
      ["at >= ?", numeric("since", "-1.5")],
    ]),
  ).toEqual({
    where: ["service = ?", "(buyer = ? OR seller = ?)", "errors > 0", "at >= ?"],
    values: ["sam", "ann", "ann", -1.5],
  });
});

test("a filter that nobody knows, or that is given twice, is refused, and not left out", () => {
  const of = (query: string) =>
    filtersOf<{ user?: string; tag?: string }>(new URLSearchParams(query), { user: "once", tag: "repeated" });
  expect(of("user=ann&tag=a&tag=b")).toEqual({ user: "ann", tag: "b" });
  expect(of("")).toEqual({});
  expect(() => of("users=ann")).toThrow("users is no filter here: there are user, tag.");
  expect(() => of("user=ann&user=bob")).toThrow(refused("query_invalid"));
  expect(() => of("__proto__=1")).toThrow(refused("query_invalid"));
});

test("what can't be understood is refused, and not left out", () => {
  for (const text of ["abc", "1e999", "NaN", "1 2"])
    expect(() => numeric("min_ms", text)).toThrow(refused("query_invalid"));
  for (const text of ["-1", "0", "1.5", "x"])
    expect(() => whole("limit", text, 50, 200)).toThrow(refused("query_invalid"));
  for (const text of ["5", "~", "x~y", "5~", "1e999~y"])
    expect(() => cursorOf(text)).toThrow(refused("query_invalid"));
  expect([cursorOf(cursorAt(1.5, "a~\nb")), cursorOf(""), cursorOf(undefined)]).toEqual([
    [1.5, "a~\nb"],
    undefined,
    undefined,
  ]);
  expect(() => oneOf("level", "fatal", ["info", "warn"])).toThrow("level is one of info, warn.");
  expect([whole("limit", undefined, 50, 200), whole("limit", "1000", 50, 200)]).toEqual([50, 200]);
});
