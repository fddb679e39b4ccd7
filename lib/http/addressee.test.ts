import { describe, expect, test } from "@jest/globals";
import { checkHost } from "./addressee.ts";

const refused = expect.objectContaining({ name: "Problem", status: 400, code: "host_not_allowed" });

function allows(ALLOWED_HOSTS: string[], DEBUG: boolean, headers: Record<string, string>): boolean {
  try {
    checkHost({ ALLOWED_HOSTS, DEBUG }, headers);
    return true;
  } catch (error) {
    expect(error).toEqual(refused);
    return false;
  }
}

describe("with DEBUG", () => {
  test.each([
    "localhost",
    "localhost:8001",
    "LOCALHOST:8001",
    "127.0.0.1:8001",
    "[::1]",
    "[::1]:8001",
    "localhost.",
  ])("loopback is served as %s", (host) => {
    expect(allows([], true, { host })).toBe(true);
    expect(allows(["shop.example"], true, { host })).toBe(true);
  });

  test.each([
    "evil.example",
    "evil.example:8001",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "[::2]",
    "::1",
    "",
  ])("a page of %p does not reach this machine", (host) => {
    expect(allows([], true, { host })).toBe(false);
  });

  test("not even when it claims to be a peer", () => {
    expect(allows([], true, { host: "evil.example", "cfmp-target-service": "OrderService" })).toBe(false);
  });

  test("a host that is allowed is served", () => {
    expect(allows(["shop.example"], true, { host: "shop.example:8001" })).toBe(true);
  });
});

describe("without DEBUG", () => {
  test("an empty list means any host", () => {
    expect(allows([], false, { host: "whatever.example" })).toBe(true);
    expect(allows([], false, {})).toBe(true);
  });

  test.each([
    [["shop.example"], "shop.example", true],
    [["shop.example"], "shop.example:443", true],
    [["shop.example"], "a.shop.example", false],
    [[".shop.example"], "a.shop.example", true],
    [[".shop.example"], "ashop.example", false],
    [["*"], "anything", true],
    [["shop.example"], "localhost", false],
    [["fd00::1"], "[FD00::1]:8001", true],
    [["shop.example"], "Shop.Example:443", true],
    [["shop.example"], "shop.example.", true],
    [[".shop.example"], "shop.example", true],
    [["shop.example"], "shop.example:443:1", false],
    [["shop.example"], "user@shop.example", false],
  ])("%j and the host %s: %p", (list, host, served) => {
    expect(allows(list, false, { host })).toBe(served);
  });

  test("a peer calls by address", () => {
    expect(
      allows(["shop.example"], false, { host: "10.0.0.7:8001", "cfmp-target-service": "OrderService" }),
    ).toBe(true);
  });

  test("a request without a host is refused when there is a list", () => {
    expect(allows(["shop.example"], false, {})).toBe(false);
  });
});
