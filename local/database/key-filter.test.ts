import { expect, test } from "@jest/globals";
import { KeyFilter } from "./key-filter.ts";

const keyOf = (number: number) =>
  `item-dev-orders~${(number * 7919).toString(16).padStart(6, "0")}/${number}/`;

test("it has every key that was added, and few others, however many there are", () => {
  const filter = new KeyFilter();
  const count = 200_000;
  for (let number = 0; number < count; number += 1) filter.add(keyOf(number));
  let missing = 0;
  let mistaken = 0;
  for (let number = 0; number < count; number += 1) {
    if (!filter.mayHave(keyOf(number))) missing += 1;
    if (filter.mayHave(keyOf(count + number))) mistaken += 1;
  }
  expect(missing).toBe(0);
  expect(mistaken / count).toBeLessThan(0.005);
});

test("an empty one has nothing; a key that is added again takes no room", () => {
  const filter = new KeyFilter();
  expect(filter.mayHave("")).toBe(false);
  for (let time = 0; time < 100_000; time += 1) filter.add("again");
  expect(filter.mayHave("again")).toBe(true);
  expect(filter.mayHave("other")).toBe(false);
});
