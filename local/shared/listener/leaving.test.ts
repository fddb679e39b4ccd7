import { beforeEach, describe, expect, test } from "@jest/globals";
import { Balancer } from "./leaving.ts";

const FROM_NGINX = { "cfmp-elsewhere": "yes" };
let now: number;
let balancer: Balancer;

beforeEach(() => {
  now = 1_000_000;
  balancer = new Balancer(() => now);
});

test("without a balancer nobody is waited for", () => {
  expect(balancer.turnsAway({ host: "localhost" }, true)).toBe(false);
  expect(balancer.leavesOut()).toBe(true);
});

describe("with a balancer", () => {
  beforeEach(() => {
    expect(balancer.turnsAway(FROM_NGINX, false)).toBe(false);
  });

  test("it may send more at any time, until it was turned away and that is settled", () => {
    expect(balancer.leavesOut()).toBe(false);
    expect(balancer.turnsAway(FROM_NGINX, true)).toBe(true);
    expect(balancer.leavesOut()).toBe(false);
    now += 300;
    expect(balancer.leavesOut()).toBe(true);
  });

  test("it comes back after a while, and is turned away again", () => {
    balancer.turnsAway(FROM_NGINX, true);
    now += 1_500;
    expect(balancer.leavesOut()).toBe(false);
    balancer.turnsAway(FROM_NGINX, true);
    now += 500;
    expect(balancer.leavesOut()).toBe(true);
  });

  test("what it must not repeat is never turned away", () => {
    expect(balancer.turnsAway({}, true)).toBe(false);
    expect(balancer.leavesOut()).toBe(false);
  });

  test("one that has sent nothing for half a minute is not waited for", () => {
    now += 30_001;
    expect(balancer.leavesOut()).toBe(true);
  });
});
