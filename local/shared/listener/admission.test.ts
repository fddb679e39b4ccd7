import { describe, expect, test } from "@jest/globals";
import { type AdmissionRules, admit, type RequestHead } from "./admission.ts";
import { loopbackNames, servedNames } from "./hosts.ts";

const SHOP = "https://shop.example";
const rules: AdmissionRules = { hosts: loopbackNames, origins: [SHOP], maxBodyBytes: 100 };

/** A request for `/things/?a=1` with these headers. */
function head(headers: Readonly<Record<string, string>>, changes: Partial<RequestHead> = {}): RequestHead {
  const all = { host: "localhost:8001", ...headers };
  const rawHeaders = Object.entries(all).flat();
  return { method: "GET", url: "/things/?a=1", httpVersion: "1.1", headers: all, rawHeaders, ...changes };
}

/** `admitted`, or the code of the refusal. */
function outcome(request: RequestHead, used: AdmissionRules = rules): string {
  try {
    admit(request, used);
    return "admitted";
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error
      ? String(error.code)
      : String(error);
  }
}

describe("a host", () => {
  test.each([
    ["localhost", "admitted"],
    ["LocalHost:8001", "admitted"],
    ["127.0.0.1:8001", "admitted"],
    ["127.1.2.3", "admitted"],
    ["[::1]:8001", "admitted"],
    ["evil.example:8001", "host_not_allowed"],
    ["localhost.evil.example", "host_not_allowed"],
    ["127.0.0.1.evil.example", "host_not_allowed"],
    ["127.0.0.1@evil.example", "host_malformed"],
    ["localhost:8001/x", "host_malformed"],
    ["localhost evil.example", "host_malformed"],
    ["192.0.2.1", "host_not_allowed"],
    ["", "host_not_allowed"],
  ])("%s for this machine alone: %s", (host, expected) => {
    expect(outcome(head({ host }))).toBe(expected);
  });

  test("of what serves people is one of ALLOWED_HOSTS, or any if there are none and DEBUG is off", () => {
    const served = (ALLOWED_HOSTS: string[], DEBUG: boolean): AdmissionRules => ({
      ...rules,
      hosts: servedNames({ ALLOWED_HOSTS, DEBUG }),
    });
    const request = head({ host: "shop.example" });
    expect(outcome(request, served(["shop.example"], false))).toBe("admitted");
    expect(outcome(request, served(["other.example"], false))).toBe("host_not_allowed");
    expect(outcome(request, served([], false))).toBe("admitted");
    expect(outcome(request, served([], true))).toBe("host_not_allowed");
  });
});

describe("a page", () => {
  const cross = { "sec-fetch-site": "cross-site" };
  const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ["no page at all", {}, "POST", "admitted"],
    ["the listener's own", { origin: "http://localhost:8001" }, "POST", "admitted"],
    ["its own behind TLS", { origin: "https://api.example", host: "api.example" }, "POST", "admitted"],
    ["its own, says the browser", { "sec-fetch-site": "same-origin" }, "POST", "admitted"],
    ["its own, origin hidden", { origin: "null", "sec-fetch-site": "same-origin" }, "POST", "admitted"],
    ["typed into the address bar", { "sec-fetch-site": "none" }, "GET", "admitted"],
    ["one of CORS_ORIGINS", { origin: SHOP, ...cross }, "POST", "admitted"],
    ["a followed link", { ...cross, ...link }, "GET", "admitted"],
    ["a foreign origin", { origin: "http://evil.example" }, "GET", "origin_not_allowed"],
    ["a foreign origin that hides", { origin: "null" }, "POST", "origin_not_allowed"],
    [
      "a foreign origin, as sent by a form",
      { origin: "http://evil.example", ...cross, ...link },
      "POST",
      "origin_not_allowed",
    ],
    ["a sandboxed frame", { origin: "null", ...cross }, "POST", "origin_not_allowed"],
    ["a form without an origin", { ...cross, ...link }, "POST", "origin_not_allowed"],
    [
      "an image elsewhere",
      { ...cross, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
      "GET",
      "origin_not_allowed",
    ],
    [
      "a frame elsewhere",
      { ...cross, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
      "GET",
      "origin_not_allowed",
    ],
    [
      "another port of this machine",
      { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
      "POST",
      "origin_not_allowed",
    ],
    ["another port, no origin sent", { "sec-fetch-site": "same-site" }, "POST", "origin_not_allowed"],
    ["CORS_ORIGINS with something after it", { origin: `${SHOP}.evil.example` }, "GET", "origin_not_allowed"],
    ["another scheme of CORS_ORIGINS", { origin: "http://shop.example" }, "GET", "origin_not_allowed"],
    [
      "an origin with a user part",
      { origin: "http://localhost:8001@evil.example" },
      "GET",
      "origin_not_allowed",
    ],
    ["no URL", { origin: "localhost:8001" }, "GET", "origin_not_allowed"],
  ])("%s %j: %s %s", (_, headers, method, expected) => {
    const any = { ...rules, hosts: () => {} };
    expect(outcome(head(headers, { method }), any)).toBe(expected);
  });
});

describe("a target", () => {
  test.each([
    ["/things/?a=1", "/things/?a=1"],
    ["//things/", "//things/"],
    ["http://localhost:8001/things/?a=1", "/things/?a=1"],
    ["HTTP://LOCALHOST:8001/things/", "/things/"],
    ["http://localhost:8001", "/"],
  ])("%s becomes %s", (url, expected) => {
    expect(admit(head({}, { url }), rules)).toBe(expected);
  });

  test.each([
    "http://evil.example/things/",
    "http://localhost:8002/things/",
    "http://user@localhost:8001/things/",
    "ftp://localhost:8001/things/",
    "localhost:8001",
    "things/",
    "*",
  ])("%s is refused", (url) => {
    expect(outcome(head({}, { url }))).toBe("target_malformed");
  });

  test("* is for OPTIONS", () => {
    expect(outcome(head({}, { url: "*", method: "OPTIONS" }))).toBe("admitted");
  });
});

describe("a body", () => {
  test.each([
    [{ "content-length": "100" }, "1.1", "admitted"],
    [{ "content-length": "101" }, "1.1", "body_too_large"],
    [{ "transfer-encoding": "chunked" }, "1.1", "admitted"],
    [{ "transfer-encoding": "Chunked" }, "1.1", "admitted"],
    [{ "transfer-encoding": "gzip, chunked" }, "1.1", "transfer_coding_unknown"],
    [{ "transfer-encoding": "chunked, chunked" }, "1.1", "transfer_coding_unknown"],
    [{ "transfer-encoding": "chunked" }, "1.0", "framing_ambiguous"],
    [{ "transfer-encoding": "chunked", "content-length": "3" }, "1.1", "framing_ambiguous"],
  ])("framed by %j in HTTP/%s: %s", (headers, httpVersion, expected) => {
    expect(outcome(head(headers, { httpVersion }))).toBe(expected);
  });
});

test.each(["Host", "Authorization", "Content-Type", "Idempotency-Key", "UUID", "Origin"])(
  "a second %s is refused",
  (name) => {
    const request = head({});
    const rawHeaders = [...request.rawHeaders, name, "a", name.toUpperCase(), "a"];
    expect(outcome({ ...request, rawHeaders })).toBe("header_repeated");
  },
);
