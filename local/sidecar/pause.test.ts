import { describe, expect, test } from "@jest/globals";
import { endOfPause } from "./pause.ts";

const ALONE = { index: 0, of: 1 };

describe("a pause", () => {
  test("of a moment is as long as it is", () => {
    expect(endOfPause(10, 50, ALONE)).toBe(60);
  });

  test("of up to a second ends with others, at most 250 ms sooner", () => {
    expect(endOfPause(1_010, 980, ALONE)).toBe(1_750);
    expect(endOfPause(1_040, 980, ALONE)).toBe(2_000);
  });
});

describe("of three services that are well", () => {
  const turn = (index: number) => ({ index, of: 3 });

  test("each has its turn within three seconds, and one is probed each second", () => {
    const ends = [0, 1, 2].map((index) => endOfPause(30_010, 2_990, turn(index)));
    expect(ends).toEqual([33_000, 31_000, 32_000]);
    expect(ends.map((end, index) => endOfPause(end + 5, 2_995, turn(index)))).toEqual([
      36_000, 34_000, 35_000,
    ]);
  });

  test("none has its turn twice when a timer is early", () => {
    expect(endOfPause(33_004.5, 2_994.9, turn(0))).toBe(36_000);
  });
});
