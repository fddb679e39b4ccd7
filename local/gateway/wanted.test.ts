import { describe, expect, test } from "@jest/globals";
import { wantedGateway } from "./wanted.ts";

const on = { GATEWAY_PORT: 8000 };
const off = { GATEWAY_PORT: undefined };

describe("the gateway runs", () => {
  test("with all services, and where it is named", () => {
    for (const commandLine of [
      {},
      { service: "gateway" },
      { service: "orders, gateway", httpPort: "8011" },
    ]) {
      expect(wantedGateway(on, commandLine)).toMatchObject({ port: 8000, setting: "GATEWAY_PORT in .env" });
    }
  });

  test("not with some of the services, not in a further instance, not when it is off", () => {
    expect(wantedGateway(on, { service: "orders" })).toBeUndefined();
    expect(wantedGateway(on, { httpPort: "8011" })).toBeUndefined();
    expect(wantedGateway(off, {})).toBeUndefined();
  });

  test("nowhere when it is named but off, which is said", () => {
    expect(() => wantedGateway(off, { service: "gateway" })).toThrow(/GATEWAY_PORT/);
  });
});
