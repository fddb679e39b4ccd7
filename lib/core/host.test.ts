import { describe, expect, test } from "@jest/globals";
import { hostFits, hostInUrl, hostOfHeader, isLoopback, parseHost } from "./host.ts";

describe("a host", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
    ["FD00::7", "fd00::7"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["[2001:0DB8::0:7]", "2001:db8::7"],
    ["::ffff:127.0.0.1", "::ffff:7f00:1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["Shop.Example.", "shop.example"],
    ["my_service-1", "my_service-1"],
  ])("%s is %s", (text, host) => {
    expect(parseHost(text)).toBe(host);
  });

  test.each([
    "",
    ".",
    "a..b",
    "-a",
    "a b",
    "127.0.0.1.5",
    "999.0.0.1",
    "a:80",
    "http://a",
    "[a]",
    "fe80::1%eth0",
    "a\n",
  ])("%j is none", (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  test.each([
    ["Shop.Example:443", "shop.example"],
    ["shop.example.:443", "shop.example"],
    ["[::1]:8001", "::1"],
    ["[::1]", "::1"],
    ["::1", undefined],
    ["fd00::a", undefined],
    ["shop.example:", "shop.example"],
    ["10.0.0.7", "10.0.0.7"],
    ["a:b", undefined],
    ["", undefined],
  ])("of the header %j is %s", (header, host) => {
    expect(hostOfHeader(header)).toBe(host);
  });

  test("is written with brackets in a URL where it needs them", () => {
    expect([hostInUrl("::1"), hostInUrl("10.0.0.7"), hostInUrl("shop")]).toEqual([
      "[::1]",
      "10.0.0.7",
      "shop",
    ]);
  });

  test.each([
    "127.0.0.1",
    "127.8.9.1",
    "::1",
    "localhost",
    "shop.localhost",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
  ])("%s is loopback", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each(["0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.example"])("%s is not", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

test.each([
  ["shop.example", "shop.example", true],
  ["a.shop.example", "shop.example", false],
  ["shop.example", ".shop.example", true],
  ["a.b.shop.example", ".shop.example", true],
  ["ashop.example", ".shop.example", false],
  ["anything", "*", true],
])("%s under the pattern %s: %p", (host, pattern, fits) => {
  expect(hostFits(host, pattern)).toBe(fits);
});
