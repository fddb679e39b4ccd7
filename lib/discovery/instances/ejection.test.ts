import { beforeEach, describe, expect, test } from "@jest/globals";
import { Ejection } from "./ejection.ts";

describe("ejection", () => {
  let ejection: Ejection;
  beforeEach(() => {
    ejection = new Ejection(() => 1);
  });
  const fail = (now: number, times = 3) => {
    for (let n = 0; n < times; n += 1) ejection.failed(now, "error");
  };

  test("takes three failures in a row", () => {
    fail(0, 2);
    ejection.succeeded(0);
    fail(0, 2);
    expect(ejection.state(0)).toBe("in");
    fail(0, 1);
    expect(ejection.state(0)).toBe("out");
  });

  test("takes one failure when the connection is refused", () => {
    ejection.failed(0, "gone");
    expect(ejection.state(0)).toBe("out");
  });

  test("ends after a second with one trial, after whose success the instance has recovered", () => {
    fail(0);
    expect(ejection.state(999)).toBe("out");
    expect(ejection.state(1_000)).toBe("due");
    ejection.beginTrial(1_000);
    expect(ejection.state(1_000)).toBe("trying");
    ejection.succeeded(1_010);
    expect(ejection.state(1_010)).toBe("in");
  });

  test("grows with every failed trial, up to half a minute", () => {
    let now = 0;
    fail(now);
    const pauses = Array.from({ length: 8 }, () => {
      let pause = 0;
      while (ejection.state(now + pause) === "out") pause += 500;
      now += pause;
      ejection.beginTrial(now);
      ejection.failed(now, "error");
      return pause;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("of an instance that soon fails again is longer; after a good minute it is short again", () => {
    fail(0);
    ejection.beginTrial(1_000);
    ejection.succeeded(1_000);
    fail(2_000);
    expect(ejection.state(3_500)).toBe("out");
    expect(ejection.state(4_000)).toBe("due");
    ejection.beginTrial(4_000);
    ejection.succeeded(4_000);
    fail(65_000);
    expect(ejection.state(66_000)).toBe("due");
  });

  test("is not prolonged by requests that were under way when it began", () => {
    fail(0);
    fail(900, 10);
    expect(ejection.state(1_000)).toBe("due");
  });

  test("after a trial that was given up the next one is due", () => {
    fail(0);
    ejection.beginTrial(1_000);
    ejection.abandoned();
    expect(ejection.state(1_000)).toBe("due");
  });

  test("is not prolonged by a request that went there before its time, because there was no other instance", () => {
    fail(0);
    ejection.beginTrial(100);
    ejection.failed(200, "gone");
    expect(ejection.state(1_000)).toBe("due");
  });

  test("after a probe was answered one failure is enough, until a request was answered too", () => {
    fail(0);
    ejection.beginTrial(1_000);
    ejection.probeSucceeded(1_010);
    expect(ejection.state(1_010)).toBe("in");
    fail(1_020, 1);
    expect(ejection.state(3_019)).toBe("out");
    ejection.beginTrial(3_020);
    ejection.probeSucceeded(3_030);
    ejection.succeeded(3_040);
    fail(3_050, 2);
    expect(ejection.state(3_050)).toBe("in");
  });
});
