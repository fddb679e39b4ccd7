import { beforeEach, expect, test } from "@jest/globals";
import { Pushes } from "./pushes.ts";

let sent: string[];
let state: string;
let last: number;
let pushes: Pushes;
beforeEach(() => {
  sent = [];
  state = "1";
  last = 0;
  pushes = new Pushes((framed) => sent.push(framed.toString()));
});
const build = () => {
  last += 1;
  return { requestId: String(last), framed: Buffer.from(state) };
};
const ticks = (count: number) => {
  for (let tick = 0; tick < count; tick += 1) pushes.tick();
};

test("a message is sent at once", () => {
  pushes.push("a", build);
  expect(sent).toEqual(["1"]);
});

test("what changes while a message is under way is sent after it, once and in its latest form", () => {
  pushes.push("a", build);
  for (const next of ["2", "3", "4"]) {
    state = next;
    pushes.push("a", build);
  }
  expect(sent).toEqual(["1"]);
  pushes.acknowledged("1");
  expect(sent).toEqual(["1", "4"]);
});

test("what is sent after it is what was asked for last", () => {
  pushes.push("a", build);
  pushes.push("a", () => ({ requestId: "other", framed: Buffer.from("of another subscription") }));
  pushes.acknowledged("1");
  expect(sent).toEqual(["1", "of another subscription"]);
});

test("topics do not wait for each other", () => {
  pushes.push("a", build);
  pushes.push("b", build);
  expect(sent).toEqual(["1", "1"]);
});

test("what is acknowledged is not sent again", () => {
  pushes.push("a", build);
  pushes.acknowledged("1");
  ticks(30);
  expect(sent).toEqual(["1"]);
});

test("what is not acknowledged is sent again a few times, in its present form, and then no more", () => {
  pushes.push("a", build);
  state = "2";
  ticks(4);
  expect(sent).toEqual(["1"]);
  ticks(30);
  expect(sent).toEqual(["1", "2", "2"]);
});

test("after a message that was given up, the next change is sent", () => {
  pushes.push("a", build);
  ticks(30);
  sent = [];
  state = "2";
  pushes.push("a", build);
  expect(sent).toEqual(["2"]);
});

test("the same message is not sent twice when it was built after the change", () => {
  const message = { requestId: "shared", framed: Buffer.from("1") };
  pushes.push("a", () => message);
  pushes.push("a", () => message);
  pushes.acknowledged("shared");
  expect(sent).toEqual(["1"]);
});

test("acknowledgements of unknown messages are ignored", () => {
  pushes.push("a", build);
  pushes.acknowledged("99");
  pushes.acknowledged("");
  expect(sent).toEqual(["1"]);
});
