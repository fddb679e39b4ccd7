import { expect, test } from "@jest/globals";
import { sampleWorld, scope, user } from "../test-world.ts";
import { handle as list } from "./list-sample-items.ts";

test("the list shows one's own, newest first, page by page", async () => {
  const { service, clock, made } = sampleWorld();
  for (const note of ["1", "2", "3"]) {
    await made("ann", note);
    await made("bob", "not hers");
    clock.time += 1;
  }
  const page = (cursor?: string) => list(service, { query: { limit: 2, cursor }, scope, user: user("ann") });
  const first = (await page()).body;
  expect(first.items.map(({ note }) => note)).toEqual(["3", "2"]);
  const second = (await page(first.next_cursor ?? "")).body;
  expect(second.items.map(({ note }) => note)).toEqual(["1"]);
  expect(second.next_cursor).toBeNull();
});
