// The same suite against a real server, named by TEST_NACOS_SERVER (host:port). `npm run test:nacos` brings one up.

import { registryConformance } from "./conformance.ts";

const address = process.env["TEST_NACOS_SERVER"];
if (address === undefined) throw new Error("TEST_NACOS_SERVER is not set. Run: npm run test:nacos");

registryConformance(`Nacos at ${address}`, async () => ({ address, close: async () => {} }));
