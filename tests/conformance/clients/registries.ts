// The registries that the clients are held to, each with an account.

import { setTimeout as sleep } from "node:timers/promises";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import type { Account } from "../../../local/registry/account.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { freePortGroup } from "../../support/free-ports.ts";
import { startNacos } from "../../support/nacos-server/start.ts";

/** As `--registry` names them: the embedded one, and a real Nacos 3.1.0. */
export const KINDS = ["embedded", "real"] as const;
export type Kind = (typeof KINDS)[number];

export interface Registry {
  /** `host:port`. */
  readonly address: string;
  /** Stops it and starts it again at the same address; instances that do not register again are gone. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Longer than clients take to look or beat again: every one of them meets the outage, as with Nacos, which starts in 10 s. */
const OUTAGE_MS = 3_000;

export async function openRegistry(kind: Kind, account: Account): Promise<Registry> {
  if (kind === "real") return startNacos(account);
  const embedded = await EmbeddedRegistry.start(await freePortGroup([0, GRPC_PORT_OFFSET]), account);
  return {
    address: embedded.address,
    async restart() {
      await embedded.stop();
      await sleep(OUTAGE_MS);
      await embedded.restart();
    },
    close: () => embedded.close(),
  };
}
