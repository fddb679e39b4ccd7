// The lines of what stands for pino in bundles are those of pino.

import { afterEach, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import type { Logger } from "../lib/observability/log.ts";

type LogModule = typeof import("../lib/observability/log.ts");

/** lib/observability/log.ts with pino, and with what stands for it. */
async function both(): Promise<readonly [LogModule, LogModule]> {
  jest.resetModules();
  const real: LogModule = await import("../lib/observability/log.ts");
  jest.resetModules();
  const standIn = await import("./pino.ts");
  jest.unstable_mockModule("pino", () => standIn);
  const own: LogModule = await import("../lib/observability/log.ts");
  jest.unstable_unmockModule("pino");
  return [real, own];
}

const before = globalThis.cfmpOrderLogSink;
afterEach(() => {
  globalThis.cfmpOrderLogSink = before;
  jest.useRealTimers();
});

/** The lines that `use` writes with a logger. */
function linesOf(
  { serviceLog, setLogLevel }: LogModule,
  level: string,
  use: (log: Logger) => void,
): string[] {
  const lines: string[] = [];
  globalThis.cfmpOrderLogSink = (_, line) => void lines.push(line);
  const log = serviceLog("OrderService");
  setLogLevel(level);
  use(log);
  return lines;
}

const NAMES = [
  "order",
  "err",
  "error",
  "token",
  "secret_key",
  "message",
  "level",
  "time",
  "service",
  "headers",
  "a b",
  "é",
];
const text = fc.oneof(
  fc.constantFrom("", "paid", '"', "\u001b[2J", "线\n", "%s %d"),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const simple = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, new Date(0)),
);
const failure = fc
  .record({
    message: text,
    fields: fc.dictionary(fc.constantFrom("code", "token", "status"), simple, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    cause: fc.option(text, { nil: undefined }),
  })
  .map(({ message, fields, cause }) => {
    const failed = new TypeError(message, cause === undefined ? {} : { cause: new Error(cause) });
    return Object.assign(failed, fields, { stack: "where" });
  });
const name = fc.constantFrom(...NAMES);
const below = fc.dictionary(name, fc.oneof(simple, failure, fc.array(simple, { maxLength: 2 })), {
  maxKeys: 4,
  noNullPrototype: true,
});
const entry = fc.oneof(
  text,
  failure,
  fc.dictionary(name, fc.oneof(simple, failure, below), { maxKeys: 5, noNullPrototype: true }),
);
const call = fc.record({
  level: fc.constantFrom("debug" as const, "info" as const, "warn" as const, "error" as const),
  entry,
  message: fc.option(text, { nil: undefined }),
  bindings: fc.option(fc.dictionary(name, simple, { maxKeys: 3, noNullPrototype: true }), { nil: undefined }),
});

test("the lines are those of pino, character by character", async () => {
  const [real, own] = await both();
  jest.useFakeTimers({ now: 1_790_000_000_000, doNotFake: ["setImmediate", "nextTick"] });
  let lines = 0;
  fc.assert(
    fc.property(
      fc.constantFrom("trace", "debug", "info", "warn", "error", "fatal", "silent"),
      fc.array(call, { maxLength: 4 }),
      (least, calls) => {
        const use = (log: Logger) => {
          for (const { level, entry: given, message, bindings } of calls) {
            const to = bindings === undefined ? log : log.child(bindings).child({ request_id: "r" });
            if (typeof given === "string") to[level](given);
            else to[level](given, message);
          }
        };
        const written = linesOf(own, least, use);
        expect(written).toEqual(linesOf(real, least, use));
        lines += written.length;
      },
    ),
    { seed: 1, numRuns: 1_500 },
  );
  expect(lines).toBeGreaterThan(800);
});

test("an entry that is no JSON is written all the same", async () => {
  const [, own] = await both();
  const circle: Record<string, unknown> = { order: "o-1" };
  circle["self"] = circle;
  const [line = ""] = linesOf(own, "info", (log) => log.info({ circle, big: 1n }, "said"));
  expect(JSON.parse(line)).toMatchObject({ circle: "[not JSON]", big: "[not JSON]", message: "said" });
});
