import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { mapByTurns, SIZE_AT_ONCE } from "./map-by-turns.ts";

/** Maps values of these sizes, and says how much was mapped in each turn of the event loop. */
async function turnsOf(sizes: readonly number[]) {
  const turns: number[] = [];
  let done = 0;
  const mapping = mapByTurns(
    sizes,
    (size) => size,
    (size) => {
      done += size;
      return -size;
    },
  );
  for (let seen = 0; seen < sizes.length + 2; seen += 1) {
    turns.push(done);
    done = 0;
    await turn();
  }
  expect(await mapping).toEqual(sizes.map((size) => -size));
  return turns.filter((size) => size > 0);
}

test("small values are mapped at once", async () => {
  expect(await turnsOf(Array.from({ length: 100 }, () => 1_000))).toEqual([100_000]);
  expect(await turnsOf([])).toEqual([]);
});

test("others have their turn after as many values as are large together", async () => {
  const half = SIZE_AT_ONCE / 2;
  expect(await turnsOf([half, half, half, half, half])).toEqual([2 * half, 2 * half, half]);
  expect(await turnsOf([3 * half, 1, 1])).toEqual([3 * half, 2]);
});
