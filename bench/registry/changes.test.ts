import { expect, test } from "@jest/globals";
import { frame } from "../../lib/nacos/grpc/frames.ts";
import { CHANGE, changeIn, rememberedRead, SharedMessages } from "./changes.ts";

test("the number of a change is found in a list, and in a list within a text", () => {
  const list = JSON.stringify({ hosts: [{ metadata: { version: "1", [CHANGE]: "12" } }] });
  expect([changeIn(list), changeIn(JSON.stringify({ data: list })), changeIn("{}")]).toEqual([
    12,
    12,
    undefined,
  ]);
});

test("the same bytes are read once", () => {
  let reads = 0;
  const read = rememberedRead((bytes) => {
    reads += 1;
    return bytes.toString();
  });
  expect(["a", "a", "b", "b"].map((text) => read(Buffer.from(text)))).toEqual(["a", "a", "b", "b"]);
  expect(reads).toBe(2);
});

test("messages are read whole, however they are split, and the same ones once", () => {
  let reads = 0;
  const messages = new SharedMessages((framed) => {
    reads += 1;
    return framed.subarray(5).toString();
  });
  const sent = ["one", "one", "", "two", "two"];
  const bytes = Buffer.concat(sent.map((text) => frame(Buffer.from(text))));
  for (const step of [1, 2, 3, 4, 7, 8, 100]) {
    const reader = messages.reader();
    const read: string[] = [];
    for (let at = 0; at < bytes.length; at += step) read.push(...reader(bytes.subarray(at, at + step)));
    expect(read).toEqual(sent);
  }
  expect(reads).toBe(7 * 3);
});
