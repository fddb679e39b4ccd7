import { beforeEach, describe, expect, test } from "@jest/globals";
import { RegistryOutages } from "./registry-outages.ts";

const { POSITIVE_INFINITY: never } = Number;
let outages: RegistryOutages;

beforeEach(() => {
  outages = new RegistryOutages(0);
});

describe("an outage of the registry", () => {
  test("begins with the last look that was answered, and ends with the next one", () => {
    outages.looked(200, 210, true);
    outages.looked(400, 410, false);
    outages.looked(600, 610, false);
    expect(outages.all).toEqual([{ from: 200, until: never }]);
    outages.looked(800, 810, true);
    expect(outages.all).toEqual([{ from: 200, until: 810 }]);
    outages.looked(1_000, 1_010, false);
    expect(outages.all).toEqual([
      { from: 200, until: 810 },
      { from: 800, until: never },
    ]);
  });

  test("begins when it is killed, whatever it had still answered", () => {
    outages.killed(250);
    outages.looked(240, 260, true);
    outages.looked(300, 310, false);
    expect(outages.all).toEqual([{ from: 250, until: never }]);
    outages.looked(500, 510, true);
    expect(outages.all).toEqual([{ from: 250, until: 510 }]);
  });
});
