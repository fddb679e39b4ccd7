// Lets clients go through the scenario side by side, with one registry that is restarted once for all of them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePortGroup } from "../../support/free-ports.ts";
import { type System, startSystem } from "../../support/system.ts";
import type { NacosClient } from "./clients.ts";
import { Driver } from "./driver.ts";
import { Observer } from "./observer.ts";
import type { Program } from "./program.ts";
import { type Kind, openRegistry } from "./registries.ts";
import { firstSteps, lastSteps, type Outcome, type Participant, PORTS } from "./scenario.ts";

export interface Installed {
  readonly client: NacosClient;
  readonly program: Program;
}

export interface Tried {
  readonly client: NacosClient;
  readonly outcomes: readonly Outcome[];
}

/** This repository's OrderService, registered there. */
const startOrders = (address: string) =>
  startSystem({
    args: ["--service", "orders"],
    env: {
      DEBUG: "True",
      NACOS_SERVER: address,
      NACOS_USERNAME: account.username,
      NACOS_PASSWORD: account.password,
      EMBEDDED_REGISTRY: "off",
    },
  });

const account = { username: "nacos", password: "nacos-password" };

/** @param onOutcome called as soon as a step has ended. */
export async function tryAll(
  kind: Kind,
  installed: readonly Installed[],
  onOutcome: (client: NacosClient, outcome: Outcome) => void,
): Promise<readonly Tried[]> {
  const folder = await mkdtemp(join(tmpdir(), "cfmp-clients-"));
  const registry = await openRegistry(kind, account);
  const participants: (Participant & { readonly client: NacosClient })[] = [];
  let orders: System | undefined;
  try {
    if (installed.some(({ client }) => client.calls)) orders = await startOrders(registry.address);
    console.log(`${kind} answers at ${registry.address}`);
    const observer = await Observer.open(registry.address, account);
    // The first configuration takes Nacos seconds, longer than some clients wait.
    await observer.publish("first", "of all");
    for (const [index, { client, program }] of installed.entries()) {
      const start = async (password: string) =>
        Driver.start(
          program,
          [registry.address, account.username, password],
          await mkdtemp(join(folder, "client-")),
        );
      participants.push({
        client,
        calls: client.calls ?? false,
        name: `client-${index}`,
        port: await freePortGroup([...Array(PORTS).keys()]),
        driver: await start(account.password),
        withWrongPassword: () => start("wrong"),
        onOutcome: (outcome) => onOutcome(client, outcome),
      });
    }
    const first = await Promise.all(participants.map((one) => firstSteps(one, observer)));
    await registry.restart();
    const last = await Promise.all(
      participants.map((one, index) => lastSteps(one, observer, first[index] ?? [])),
    );
    return participants.map(({ client }, index) => ({
      client,
      outcomes: [...(first[index] ?? []), ...(last[index] ?? [])],
    }));
  } finally {
    for (const { driver } of participants) driver.kill();
    await orders?.cleanUp();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}
