import { expect, test } from "@jest/globals";
import { onceATurn } from "./once-a-turn.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("work is done once for all calls of a turn, not before its end, and again for those of a later one", async () => {
  let done = 0;
  const soon = onceATurn(() => {
    done += 1;
  });
  soon();
  soon();
  expect(done).toBe(0);
  await turn();
  expect(done).toBe(1);
  await turn();
  expect(done).toBe(1);
  soon();
  await turn();
  expect(done).toBe(2);
});

test("a call during the work is one of the next turn", async () => {
  let done = 0;
  const soon = onceATurn(() => {
    done += 1;
    if (done === 1) soon();
  });
  soon();
  await turn();
  expect(done).toBe(1);
  await turn();
  expect(done).toBe(2);
});
