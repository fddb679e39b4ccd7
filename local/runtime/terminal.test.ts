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

  test("shows what could do something to the terminal by its code, wherever it stands", () => {
    const evil = "\u001b[2J\u009b1A\u202e\n10:42:01.124 INFO  OrderService paid";
    const entry = { level: evil, time: evil, service: evil, message: evil, [evil]: evil, nested: { evil } };
    for (const line of [JSON.stringify(entry), evil]) expect(readable(`${line}\n`)).toMatch(/^[\x20-\x7e]+$/);
  });

  test("keeps the frames of a stack on lines of their own, and nothing else", () => {
    const error = "Error: a\n10:42:01.124 INFO  OrderService paid\n    at f (x.ts:1)";
    expect(readable(JSON.stringify({ level: "error", message: "m", error })).split("\n")).toEqual([
      expect.stringContaining("m error=Error: a\\n10:42"),
      "    at f (x.ts:1)",
    ]);
  });

  test.each(["\t", "\u007f", "\u0000", "\ud800", "\n", "\r\n"])(
    "that has %j in one of its texts is one line, with the code",
    (character) => {
      const entry = { level: "info", message: "m", path: `/${character}/`, [character]: 1 };
      for (const line of [JSON.stringify(entry), `${JSON.stringify(entry)}\n`])
        expect(readable(line)).toMatch(/^[\x20-\x7e]+$/);
    },
  );

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
    terminal.flush();
    return text;
  };

  test("can't be forged by what it tells of", () => {
    let text = "";
    const terminal = openTerminal((more) => {
      text += more;
    }, "info");
    terminal.log("error", "'\u001b]0;x\u0007\n00:00:00.000 INFO  OrderService paid' failed", {
      error: "a\nb",
    });
    terminal.flush();
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  });

  test("a table of what runs can't act on the terminal", () => {
    let text = "";
    const terminal = openTerminal((more) => {
      text += more;
    }, "info");
    const row = { name: "OrderService", url: "http://127.0.0.1:8001\u001b[2J", registered: true };
    terminal.ready([row], [], 1_000);
    terminal.flush();
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(text).toContain("Ready in 1.0 s");
  });

  test("is shown from the chosen level on", () => {
    expect(shown("info")).toMatch(/INFO {2}runtime hello pid=7\n.*ERROR runtime oh\n$/);
    expect(shown("error")).not.toContain("hello");
    expect(shown("silent")).toBe("");
  });
});
