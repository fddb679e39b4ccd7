// The ports of a simulated process: each call is an event, and the schedule says how it goes.

import { ANONYMOUS } from "../../../lib/auth/caller.ts";
import { type CallPeer, PeerUnavailable } from "../../../lib/discovery/peer/peer.ts";
import { DeliveryFailure } from "../../../lib/outbox/failure.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import type { Item, Table } from "../../../lib/storage/table.ts";
import { entriesOf, idsOf, type Store } from "../../support/memory-table.ts";
import type { ServiceName } from "../../support/shop.ts";
import type { Answer, Ask } from "./edge.ts";
import type { Process } from "./scheduler.ts";
import { type Instance, SERVICES, type World } from "./world.ts";

/** A call of the store: what it does, given when indexes show it; and what a driver that repeats it answers. */
export type StorePort = <T>(what: string, effect: (visibleAt: number) => T, repeated?: () => T) => Promise<T>;

/** How calls of the table `name` go for the process that `node` runs now. */
export function storePort(world: World, node: Instance, name: string): StorePort {
  const { scheduler, chance } = world;
  const process = node.process;

  return function perform<T>(what: string, effect: (visibleAt: number) => T, repeated?: () => T): Promise<T> {
    const { latency, back, fault, survives, lag } = chance.store();
    if (fault !== undefined) world.fault(`${process.name} ${name}.${what}`, fault);
    return new Promise((resolve, reject) => {
      const fail = () => reject(new StorageUnavailable(what, fault));
      if (fault === "refused") {
        scheduler.after(latency, process, fail);
        return;
      }
      if (fault === "crash before") scheduler.after(0, process, () => node.crash());
      scheduler.after(latency, undefined, () => {
        if (!process.alive && !survives) return;
        const found = effect(scheduler.now + lag);
        if (fault === "crash after") {
          if (process.alive) node.crash();
        } else if (fault === "reply lost") scheduler.after(back, process, fail);
        else if (fault === "repeated" && repeated) scheduler.after(back, process, () => resolve(repeated()));
        else if (back === 0 && process.alive) {
          scheduler.current = process;
          resolve(found);
        } else scheduler.after(back, process, () => resolve(found));
      });
    });
  };
}

/** The table `store` as the process `node` runs now sees it. */
export function tableFor(world: World, node: Instance, store: Store, name: string): Table {
  const { scheduler } = world;
  const perform = storePort(world, node, name);
  return {
    get: (id) => perform("get", () => store.get(id)),
    put: (item, replaces) =>
      perform(
        "put",
        (visibleAt) => store.put(item, replaces, visibleAt),
        () => isStored(store, item),
      ),
    query: (query) => perform("query", () => store.query(query, scheduler.now)),
    queryEntries: (query, names) =>
      perform("query", () => entriesOf(store.query(query, scheduler.now), names)),
    queryIds: (query) => perform("query", () => idsOf(store.query(query, scheduler.now))),
  };
}

/** What the adapter for DynamoDB answers when its own first try may have been the write that the condition met. */
function isStored(store: Store, item: Item): boolean {
  const stored = store.get(item.id);
  return stored?.version === item.version && stored.doc === item.doc;
}

/** What `effect` makes of a message over the network; its reply may be lost, and the process that sends it may die. */
export function over<T>(
  world: World,
  node: Instance,
  what: string,
  effect: (closes: boolean) => T,
): Promise<T> {
  const { process } = node;
  const { latency, fault, instance } = world.chance.network();
  if (fault !== undefined) world.fault(`${process.name} ${what}`, fault);
  return new Promise((resolve, reject) => {
    const away = () => reject(new DeliveryFailure("away", fault ?? "away"));
    if (fault === "crash before") return void world.scheduler.after(0, process, () => node.crash());
    world.scheduler.after(latency, process, () => {
      if (fault === "refused") return away();
      const reply = effect(instance === 1);
      if (fault === "crash after") return node.crash();
      return fault === "reply lost" ? away() : resolve(reply);
    });
  });
}

/** Sends a request to an instance of `service`. Without `from`, it is a user's or a provider's. */
export function send(
  world: World,
  from: Process | undefined,
  service: ServiceName,
  ask: Ask,
  repeatable: boolean,
): Promise<Answer> {
  const { scheduler, chance } = world;
  const { latency, back, fault, instance, again } = chance.network();
  if (fault !== undefined)
    world.fault(`${from?.name ?? "someone"} → ${service} ${ask.method} ${ask.path}`, fault);
  return new Promise((resolve, reject) => {
    const fail = (reason: string, maybeSent: boolean) => {
      scheduler.after(back, from, () => reject(new PeerUnavailable(service, reason, { maybeSent })));
    };
    const arrive = (reply: (answer: Answer) => void, broken: () => void) => {
      const node = world.nodeOf(service, instance);
      if (!node) return broken();
      node.serve(ask, reply, broken);
      if (fault === "crash before") node.crash();
    };
    if (fault === "refused") {
      scheduler.after(latency, from, () => fail("refused", false));
      return;
    }
    scheduler.after(latency, undefined, () =>
      arrive(
        (answer) => {
          if (fault === "crash after") world.nodeOf(service, instance)?.crash();
          if (fault === "reply lost") fail("the reply was lost", true);
          else scheduler.after(back, from, () => resolve(answer));
        },
        () => fail("it died", true),
      ),
    );
    if (fault === "duplicated" && repeatable) {
      scheduler.after(latency + again, undefined, () =>
        arrive(
          () => {},
          () => {},
        ),
      );
    }
  });
}

/** The network as a process of this system sees it. */
export function callFrom(world: World, process: Process, self: ServiceName): CallPeer {
  return async (service, request) => {
    const { method, path, headers, body } = request;
    const internal = path.startsWith("/internal/");
    const ask: Ask = {
      caller: internal ? { kind: "service", name: self } : ANONYMOUS,
      method,
      path,
      headers: {
        ...headers,
        "cfmp-timeout": String(Math.max(0, Math.ceil(request.deadline - performance.now()))),
      },
      ...(body === undefined ? {} : { body }),
    };
    if (!internal) world.signed.push(ask);
    return send(world, process, serviceName(service), ask, true);
  };
}

function serviceName(name: string): ServiceName {
  const found = SERVICES.find((service) => service === name);
  if (!found) throw new Error(`There is no ${name}`);
  return found;
}
