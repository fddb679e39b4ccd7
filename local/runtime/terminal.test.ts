import { describe, expect, test } from "@jest/globals";
import { openTerminal, readable } from "./terminal.ts";

describe("a service's line", () => {
  test("is readable: time, level, service, message, and the rest as fields", () => {
    const entry = {
      level: "info",
      time: "2026-11-24T10:42:01.123Z",
      service: "OrderService",
      request_id: "r",
      status: 200,
      message: "request done",
    };
    expect(readable(`${JSON.stringify(entry)}\n`)).toBe(
      "10:42:01.123 INFO  OrderService request done status=200",
    );
  });

  test("that is no JSON is shown as it is", () => {
    expect(readable("what is this\n")).toBe("what is this");
  });
});

describe("the runtime's own log", () => {
  const shown = (level: string): string => {
    let text = "";
    const terminal = openTerminal((more) => {
      text += more;
    }, level);
    terminal.log("info", "hello", { pid: 7 });
    terminal.log("error", "oh");
    terminal.close();
    return text;
  };

  test("is shown from the chosen level on", () => {
    expect(shown("info")).toMatch(/INFO {2}runtime hello pid=7\n.*ERROR runtime oh\n$/);
    expect(shown("error")).not.toContain("hello");
    expect(shown("silent")).toBe("");
  });
});
