import { expect, test } from "@jest/globals";
import { openJsonOutput } from "./json-output.ts";

function written(level: string): readonly Record<string, unknown>[] {
  let text = "";
  const output = openJsonOutput((more) => {
    text += more;
  }, level);
  output.log("info", "two\nlines", { pid: 7 });
  output.log("error", "oh\u001b[2J");
  output.serviceLine('{"level":"info","service":"OrderService","message":"request done"}\n');
  output.ready(
    [{ name: "OrderService", url: "http://127.0.0.1:8001", registered: true }],
    [{ name: "registry", value: "nacos:8848" }],
    1_234,
  );
  output.flush();
  expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("each entry is one line of JSON, and a service's line is as the service wrote it", () => {
  const lines = written("info");
  expect(lines).toMatchObject([
    { level: "info", service: "runtime", message: "two\nlines", pid: 7, time: expect.any(String) },
    { level: "error", service: "runtime" },
    { level: "info", service: "OrderService", message: "request done" },
    {
      message: "ready",
      took_s: 1.2,
      services: [{ name: "OrderService", registered: true }],
      registry: "nacos:8848",
    },
  ]);
});

test("the runtime's own entries are written from the chosen level on, and always what runs", () => {
  expect(written("error").map(({ message }) => message)).toEqual(["oh\u001b[2J", "request done", "ready"]);
});
