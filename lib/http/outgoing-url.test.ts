import { describe, expect, test } from "@jest/globals";
import { outgoingUrl } from "./outgoing-url.ts";

const label = "a".repeat(63);
const of = (length: number) => "https://hooks.example/".padEnd(length, "x");

describe("A URL that is called later", () => {
  test.each([
    ["https://hooks.example", "https://hooks.example/"],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"],
    ["https://hooks.example/a%23b", "https://hooks.example/a%23b"],
    ["https://93.184.216.34:8443/", "https://93.184.216.34:8443/"],
    ["https://[2606:2800:220::1]/", "https://[2606:2800:220::1]/"],
    [`https://${label}.example/`, `https://${label}.example/`],
    [of(2_048), of(2_048)],
  ])("is stored as it is encoded: %s", (text, stored) => {
    expect(String(outgoingUrl(text, false))).toBe(stored);
    expect(outgoingUrl(text, false)).toBeInstanceOf(URL);
  });

  test.each([
    ["nonsense", "is none"],
    ["https://", "is none"],
    [of(2_049), "2049 characters"],
    [`https://hooks.example/${"ä".repeat(2_000)}`, "12022 characters"],
    ["https://hooks.example/#part", "fragment"],
    ["https://hooks.example/#", "fragment"],
    ["https://hooks.example:0/", "port 0"],
    [`https://${"a".repeat(64)}.example/`, "host name"],
    [`https://${"a".repeat(300)}.example/`, "host name"],
    // 64 characters only in its ASCII form.
    [`https://${"ä".repeat(60)}.example/`, "host name"],
    [`https://${`${label}.`.repeat(4)}example/`, "host name"],
    ["https://hooks.example./", "host name"],
    ["https://hooks..example/", "host name"],
    ["http://hooks.example/", "https"],
    ["https://10.0.0.1/", "public internet"],
    ["https://ann:word@hooks.example/", "user name"],
  ])("is refused: %s", (text, why) => {
    expect(outgoingUrl(text, false)).toContain(why);
  });

  test.each(["http://127.0.0.1:9000/hook", "http://[::1]:9000/", "http://localhost:9000/"])(
    "is called anywhere on a developer's machine: %s",
    (text) => {
      expect(String(outgoingUrl(text, true))).toBe(text);
      expect(typeof outgoingUrl(text, false)).toBe("string");
    },
  );
});
