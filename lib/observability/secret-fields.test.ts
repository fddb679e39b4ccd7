// What is censored is what pino censors by paths with wildcards.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LoggerOptions, pino } from "pino";
import { CENSORED, censoredBelow, censoredError, SECRET_FIELDS } from "./secret-fields.ts";

/** Lines of a logger with `options` for an entry, and of its child with `texts` as bindings. */
function linesOf(
  options: LoggerOptions,
  entry: Readonly<Record<string, unknown>>,
  texts: Readonly<Record<string, string>>,
): string[] {
  const lines: string[] = [];
  const log = pino({ ...options, base: null, timestamp: false }, { write: (line) => void lines.push(line) });
  log.info(entry, "said");
  log.child(texts).info(entry, "said");
  return lines;
}

const ours: LoggerOptions = {
  formatters: { log: censoredBelow },
  serializers: { err: censoredError },
  redact: { paths: [...SECRET_FIELDS], censor: CENSORED },
};
const byPaths: LoggerOptions = {
  redact: { paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((name) => `*.${name}`)], censor: CENSORED },
};

const name = fc.constantFrom(...SECRET_FIELDS, "order", "headers", "err", "a b");
const text = fc.constantFrom("x1", "", "[redacted]", "线");
const simple = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined));
const below = fc.dictionary(
  name,
  fc.oneof(simple, fc.dictionary(name, simple, { maxKeys: 3, noNullPrototype: true })),
  {
    maxKeys: 4,
  },
);
const error = fc.dictionary(name, simple, { maxKeys: 3, noNullPrototype: true }).map((fields) => {
  const failed = Object.assign(new Error("failed"), fields);
  failed.stack = "where";
  return failed;
});
const entry = fc.dictionary(name, fc.oneof(simple, below, error, fc.array(simple)), {
  maxKeys: 5,
  noNullPrototype: true,
});
const texts = fc.dictionary(name, text, { maxKeys: 2, noNullPrototype: true });

test("the lines are those of pino's own redaction", () => {
  let censored = 0;
  fc.assert(
    fc.property(entry, texts, (given, bound) => {
      const lines = linesOf(ours, given, bound);
      expect(lines).toEqual(linesOf(byPaths, given, bound));
      if (lines[0]?.includes(CENSORED)) censored += 1;
    }),
    { seed: 1, numRuns: 3_000 },
  );
  expect(censored).toBeGreaterThan(1_000);
});

test("what is logged does not change, and without secrets it is not copied", () => {
  const given = { headers: { token: "x1" }, order: { id: "o-1" } };
  expect(censoredBelow(given)).toEqual({ headers: { token: CENSORED }, order: { id: "o-1" } });
  expect(given.headers.token).toBe("x1");
  const plain = { order: { id: "o-1" } };
  expect(censoredBelow(plain)).toBe(plain);
});
