import { describe, expect, test } from "@jest/globals";
import { nacosAddress, parseNacosAddress } from "./address.ts";

describe("the address of a Nacos server", () => {
  test.each([
    ["127.0.0.1:8848", false, "127.0.0.1", 8848, "127.0.0.1:8848"],
    ["nacos", false, "nacos", 8848, "nacos:8848"],
    ["http://nacos.example", false, "nacos.example", 8848, "nacos.example:8848"],
    ["Nacos.Example:80", false, "nacos.example", 80, "nacos.example:80"],
    ["https://nacos.example", true, "nacos.example", 443, "https://nacos.example:443"],
    ["HTTPS://nacos.example:8443", true, "nacos.example", 8443, "https://nacos.example:8443"],
    ["[::1]", false, "::1", 8848, "[::1]:8848"],
    ["https://[FD00::7]:8443", true, "fd00::7", 8443, "https://[fd00::7]:8443"],
    ["my_nacos-1:1", false, "my_nacos-1", 1, "my_nacos-1:1"],
  ])("%s: TLS %s, host %s, port %d", (server, secure, host, port, text) => {
    expect(parseNacosAddress(server)).toMatchObject({ secure, host, port, text });
    expect(nacosAddress(text).text).toBe(text);
  });

  test.each([
    "",
    ":8848",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:99999",
    "127.0.0.1.5",
    "999.1.1.1",
    "a b",
    "a..b",
    "-a",
    "::1",
    "[::1",
    "[nacos]:8848",
    "a:8848,b:8848",
    "a,b",
    "user:password@nacos:8848",
    "https://user@nacos",
    "nacos:8848/nacos",
    "https://nacos/",
    "ftp://nacos:8848",
    "//nacos",
    "nacos\n",
    `${"a".repeat(64)}.example`,
  ])("%j is none", (server) => {
    expect(parseNacosAddress(server)).toBeUndefined();
    expect(() => nacosAddress(server)).toThrow(TypeError);
  });
});
