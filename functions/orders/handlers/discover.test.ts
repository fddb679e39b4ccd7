import { describe, expect, test } from "@jest/globals";
import type { TokenScope } from "../../../lib/auth/scopes.ts";
import type { Description } from "../../../lib/discovery/index.ts";
import { orders } from "../contract.ts";
import { handle } from "./discover.ts";

const instance = {
  host: "10.0.0.7",
  port: 8002,
  weight: 1,
  healthy: true,
  enabled: true,
  ejected: false,
  in_flight: 0,
  latency_ms: null,
  source: "registry" as const,
  age_ms: 12,
  metadata: { pid: "4711" },
};
const known: Description = {
  service: "PaymentService",
  chosen: { host: "10.0.0.7", port: 8002, url: "http://10.0.0.7:8002" },
  instances: [
    instance,
    { ...instance, port: 8012, healthy: false },
    { ...instance, port: 8022, enabled: false },
    { ...instance, port: 8032, ejected: true },
  ],
};

const { schema } = orders.routes.discover.replies[200];

async function ask(debug: boolean, described: Description, ...scopes: TokenScope[]) {
  const discovery = { describe: async () => described };
  const user = { kind: "user" as const, id: "ann", scopes: new Set<string>(scopes) };
  const { body } = await handle({ discovery, debug }, { params: { service: "payment" }, user });
  return schema.parse(body);
}

const counts = { service: "PaymentService", available: true, known_instances: 4, usable_instances: 1 };

describe("what discovery sees", () => {
  test("is counts for most people: no address, no port, no process", async () => {
    const body = await ask(false, known, "sell", "refund", "notify");
    expect(body).toEqual(counts);
    expect(JSON.stringify(body)).not.toMatch(/10\.0|8002|4711/);
  });

  test("is all there is for operators, and for everybody while debugging", async () => {
    const whole = { ...counts, chosen: known.chosen, instances: known.instances };
    expect(await ask(false, known, "operate")).toEqual(whole);
    expect(await ask(true, known)).toEqual(whole);
  });

  test("is that nothing is available where nothing can be chosen", async () => {
    expect(await ask(false, { ...known, chosen: null, instances: [] })).toEqual({
      ...counts,
      available: false,
      known_instances: 0,
      usable_instances: 0,
    });
  });
});
