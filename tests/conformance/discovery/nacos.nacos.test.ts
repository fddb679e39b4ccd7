// The same suites against a real server, named by TEST_NACOS_SERVER (host:port). `npm run test:nacos` brings one up.

import { pino } from "pino";
import { NacosRegistry } from "../../../lib/discovery/registry/nacos-registry.ts";
import { adapterConformance } from "./adapter-conformance.ts";
import { registryConformance } from "./conformance.ts";

const address = process.env["TEST_NACOS_SERVER"];
if (address === undefined) throw new Error("TEST_NACOS_SERVER is not set. Run: npm run test:nacos");

const log = pino({ level: "silent" });
const running = async () => ({ address, close: async () => {} });

registryConformance("nacos", `Nacos at ${address}`, running);
for (const api of ["v1", "v3"] as const) {
  adapterConformance(
    `the Nacos ${api} adapter on Nacos at ${address}`,
    running,
    (server, scope) => new NacosRegistry({ server, ...scope, api, log }),
  );
}
