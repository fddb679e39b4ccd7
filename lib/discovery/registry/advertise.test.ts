import { expect, test } from "@jest/globals";
import { checkAdvertised } from "./advertise.ts";

test.each([
  ["127.0.0.1", "nacos:8848"],
  ["localhost", "192.0.2.10:8848"],
  ["::1", "[2001:db8::1]:8848"],
  ["[::1]", "nacos.example:8848"],
  ["0.0.0.0", "10.0.0.1:8848"],
  ["127.8.9.1", "nacos"],
])("%s is refused for the registry at %s", (host, server) => {
  expect(() => checkAdvertised(host, server)).toThrow(
    expect.objectContaining({
      code: "loopback_advertised",
      message: expect.stringContaining("ADVERTISE_HOST"),
    }),
  );
});

test.each([
  ["127.0.0.1", "127.0.0.1:8848"],
  ["127.0.0.1", "localhost:8848"],
  ["::1", "[::1]:8848"],
  ["10.0.0.5", "nacos:8848"],
  ["order-service", "nacos:8848"],
  ["localhost.example", "nacos:8848"],
])("%s is fine for the registry at %s", (host, server) => {
  expect(() => checkAdvertised(host, server)).not.toThrow();
});
