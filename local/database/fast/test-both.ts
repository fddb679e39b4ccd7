// The same requests sent to a store with shapes and to one without: what differs.

import { type Answer, createAnswers } from "../answers.ts";
import { type Level, openMemory } from "../level.ts";
import { createStore } from "../store.ts";
import type { Shape } from "./shape.ts";
import { SHAPES, type Shapes } from "./shapes.ts";
import type { Request } from "./test-requests.ts";
import { TABLES } from "./test-tables.ts";

interface Reply {
  readonly status: number;
  readonly body: string;
}

interface Side {
  readonly level: Level;
  ask(request: Request): Promise<Reply>;
}

/** Asks `answer` directly, without HTTP. */
export const asking =
  (answer: Answer) =>
  ([operation, input]: Request): Promise<Reply> =>
    new Promise((resolve) =>
      answer(operation, JSON.stringify(input), ({ status, body }) => resolve({ status, body: String(body) })),
    );

/** The shapes, and how many requests each has answered. */
export function counted(): { readonly shapes: Shapes; readonly answered: Readonly<Record<string, number>> } {
  const answered: Record<string, number> = {};
  const counting = ([name, shape]: readonly [string, Shape]): [string, Shape] => [
    name,
    (input, access) => {
      const work = shape(input, access);
      if (work !== undefined) answered[name] = (answered[name] ?? 0) + 1;
      return work;
    },
  ];
  return { shapes: new Map([...SHAPES].map(counting)), answered };
}

async function open(shapes: Shapes): Promise<Side> {
  const level = await openMemory();
  const ask = asking(createAnswers(await createStore(level), () => {}, shapes));
  for (const table of TABLES) {
    const { status } = await ask(["CreateTable", table]);
    if (status !== 200) throw new Error("A table was not created");
  }
  return { level, ask };
}

/** The text of a reply, in one order: items of a batch come in any, and so do its tables. */
export function inOrder(operation: string, text: string): string {
  const { Responses, ...rest } = operation === "BatchGetItem" ? JSON.parse(text) : {};
  if (Responses === undefined) return text;
  const tables = Object.entries<unknown[]>(Responses).map(([name, items]) =>
    JSON.stringify([name, items.map((item) => JSON.stringify(item)).toSorted()]),
  );
  return JSON.stringify([tables.toSorted(), rest]);
}

/** All rows but the descriptions of tables, which hold times and random ids. */
const rowsOf = async ({ level }: Side): Promise<readonly string[]> =>
  (await level.iterator({}).all()).flatMap(([key, value]) =>
    key.startsWith("table~") ? [] : [`${key} = ${value}`],
  );

/** Pages that are asked for again after each burst. */
const ASKED_AGAIN = 5;

/** `bursts`, each followed by the last pages that were asked for: once more at least, and again after others have written. */
function withPagesAgain(bursts: readonly (readonly Request[])[]): readonly (readonly Request[])[] {
  const pages: Request[] = [];
  return bursts.flatMap((burst) => {
    pages.push(...burst.filter(([operation]) => operation === "Query"));
    return [burst, pages.slice(-ASKED_AGAIN)];
  });
}

/**
 * Sends `bursts` of requests, those of one at once, to a store with `shapes` and to one with dynalite alone; pages are asked for again after
 * each burst. Returns the first difference of their replies, or the differences of what they have stored; undefined when there is none.
 */
export async function differenceBy(
  shapes: Shapes,
  bursts: readonly (readonly Request[])[],
): Promise<object | undefined> {
  const [one, other] = [await open(shapes), await open(new Map())];
  for (const burst of withPagesAgain(bursts)) {
    const [given, expected] = await Promise.all(
      [one, other].map(({ ask }) => Promise.all(burst.map((request) => ask(request)))),
    );
    for (const [at, request] of burst.entries()) {
      const replies = { given: given?.[at], expected: expected?.[at] };
      const texts = [replies.given, replies.expected].map((reply) =>
        JSON.stringify({ ...reply, body: inOrder(request[0], reply?.body ?? "{}") }),
      );
      if (texts[0] !== texts[1]) return { request, ...replies };
    }
  }
  const [given, expected] = [await rowsOf(one), await rowsOf(other)];
  const surplus = given.filter((row) => !expected.includes(row));
  const missing = expected.filter((row) => !given.includes(row));
  return surplus.length + missing.length === 0 ? undefined : { surplus, missing };
}
