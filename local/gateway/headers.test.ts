import { describe, expect, test } from "@jest/globals";
import { replyHeaders, requestHeaders } from "./headers.ts";

describe("the headers of a request", () => {
  test("add the client to the proxies before, which keep their word on protocol and host", () => {
    const given = {
      host: "inner.example",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
      forwarded: "for=203.0.113.7;proto=https",
      via: "1.1 nginx",
    };
    expect(requestHeaders(given, { address: "10.0.0.1", protocol: "http" })).toEqual({
      host: "inner.example",
      "x-forwarded-for": "203.0.113.7, 10.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
      forwarded: "for=203.0.113.7;proto=https, for=10.0.0.1;host=inner.example;proto=http",
      via: "1.1 nginx, 1.1 cfmp-order",
    });
  });

  test("quote what the grammar of Forwarded does not take as it is", () => {
    const headers = requestHeaders({ host: '[::1]:8000"' }, { address: "::1", protocol: "http" });
    expect(headers["forwarded"]).toBe('for="[::1]";host="[::1]:8000\\"";proto=http');
    expect(headers["x-forwarded-for"]).toBe("::1");
  });
});

test("the headers of a reply lose those its connection names", () => {
  expect(replyHeaders(["Connection", "keep-alive, X-Hop", "X-Hop", "1", "X-End", "2"])).toEqual([
    "X-End",
    "2",
  ]);
});
