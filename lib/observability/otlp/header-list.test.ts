import { expect, test } from "@jest/globals";
import { headersIn } from "./header-list.ts";

test.each([
  ["", []],
  [" , ,", []],
  ["authorization=Bearer%20abc==", [["authorization", "Bearer abc=="]]],
  [
    "X-Tenant = a,b=,",
    [
      ["x-tenant", "a"],
      ["b", ""],
    ],
  ],
  ["a=%", [["a", "%"]]],
  ["a=caf%C3%A9", [["a", "café"]]],
])("%p", (list, headers) => {
  expect(headersIn(list)).toEqual(headers);
});

test.each(["nothing", "=x", "two words=x", "a=x%0Ay", "a=%E5%BC%A0", "a=x\u0000", "naïve=x"])(
  "%p is no header",
  (list) => {
    expect(headersIn(list)).toEqual([undefined]);
  },
);
