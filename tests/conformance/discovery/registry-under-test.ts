// The registry that the suites `*.registry.test.ts` are held against: the embedded one (`npm test`), or the Nacos that
// TEST_NACOS_SERVER (host:port) names (`npm run test:nacos` brings one up).

import { randomUUID } from "node:crypto";
import { afterAll } from "@jest/globals";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { NacosHttp } from "./nacos-http.ts";

const nacos = process.env["TEST_NACOS_SERVER"];

/** Which of the two it is: they may differ where `differences.registry.test.ts` says so, and nowhere else. */
export const kind = nacos === undefined ? "embedded" : "nacos";

export type Kind = "nacos" | "embedded";

/** For the names of tests. */
export const registryName = nacos === undefined ? "the embedded registry" : `Nacos at ${nacos}`;

export interface OpenRegistry {
  /** `host:port`. */
  readonly address: string;
  readonly grpcPort: number;
  readonly http: NacosHttp;
}

/** Brings it up for the tests of a file. */
export async function openRegistry(): Promise<OpenRegistry> {
  if (nacos !== undefined) return opened(nacos);
  const embedded = await EmbeddedRegistry.startWithGrpc();
  afterAll(() => embedded.close());
  return opened(embedded.address);
}

const opened = (address: string): OpenRegistry => ({
  address,
  grpcPort: Number(address.split(":").at(-1)) + GRPC_PORT_OFFSET,
  http: new NacosHttp(address),
});

/** A service that nobody else uses. */
export const newName = (): string => `svc-${randomUUID().slice(0, 8)}`;

/** Metadata of an instance that is unhealthy soon when it is silent, and removed well after. */
export const QUICK = JSON.stringify({
  "preserved.heart.beat.interval": "500",
  "preserved.heart.beat.timeout": "1500",
  "preserved.ip.delete.timeout": "8000",
});
