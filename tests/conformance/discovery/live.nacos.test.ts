// Live configuration on a real server, named by TEST_NACOS_SERVER (host:port). `npm run test:nacos` brings one up.

import { liveSuite } from "./live-suite.ts";

const address = process.env["TEST_NACOS_SERVER"];
if (address === undefined) throw new Error("TEST_NACOS_SERVER is not set. Run: npm run test:nacos");

liveSuite(`Nacos at ${address}`, ["v1", "v3", "auto"], async () => ({ address, close: async () => {} }));
