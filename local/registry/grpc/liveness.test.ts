import { beforeEach, describe, expect, test } from "@jest/globals";
import { Liveness } from "./liveness.ts";

let done: string[];
let liveness: Liveness;
let answers: boolean;
beforeEach(() => {
  done = [];
  answers = true;
  liveness = new Liveness({
    ping: () => answers && liveness.ponged(),
    detect: () => done.push("detect"),
    drop: (why) => done.push(why),
  });
});
const seconds = (count: number) => {
  for (let second = 0; second < count; second += 1) liveness.tick();
};

describe("a registered client", () => {
  test("that sends something now and then is not asked", () => {
    liveness.registered();
    for (let times = 0; times < 20; times += 1) {
      seconds(19);
      liveness.heard();
    }
    expect(done).toEqual([]);
  });

  test("that is silent is asked, and stays when it answers", () => {
    liveness.registered();
    seconds(20);
    expect(done).toEqual(["detect"]);
    liveness.heard();
    seconds(19);
    expect(done).toEqual(["detect"]);
  });

  test("that does not answer is dropped", () => {
    liveness.registered();
    seconds(25);
    expect(done).toEqual(["detect", "it does not acknowledge"]);
  });

  test("whose process stands still, so that even pings are not answered, is dropped sooner", () => {
    liveness.registered();
    answers = false;
    seconds(15);
    expect(done).toEqual(["it does not answer"]);
  });
});

test("a client that sets up no connection is dropped after a while", () => {
  seconds(29);
  expect(done).toEqual([]);
  seconds(1);
  expect(done).toEqual(["it has set up no connection"]);
});

test("so is one that has set up none any more", () => {
  liveness.registered();
  liveness.unregistered();
  seconds(30);
  expect(done).toEqual(["it has set up no connection"]);
});
