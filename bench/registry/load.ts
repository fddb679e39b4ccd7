// Everybody who uses the registry in a measurement: half by HTTP, half by gRPC.

import { CHANGE } from "./changes.ts";
import { GrpcClient } from "./grpc-client.ts";
import { CLIENT_BEATS, HttpInstance, HttpSubscriber, SIDECAR_BEATS } from "./http-clients.ts";
import type { Options } from "./options.ts";

export interface LoadOptions extends Pick<Options, "instances" | "subscribers" | "services" | "sidecars"> {
  readonly port: number;
  readonly grpcPort: number;
  /** Milliseconds over which the clients are started, so that their heartbeats and polls don't come together. */
  readonly spreadMs: number;
}

export interface Load {
  /**
   * Changes an instance of the service that all subscribe. Resolves with the milliseconds until each subscriber was told, or
   * `withinMs` for those that were not told by then.
   */
  change(withinMs: number): Promise<readonly number[]>;
  /** Requests that failed so far, with their reasons. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

const FIRST_PORT = 10_000;
const serviceName = (index: number): string => `DEFAULT_GROUP@@service-${index}`;
/** About what a real one has. */
const METADATA = { version: "1.0.0", stage: "dev", "preserved.register.source": "SPRING_CLOUD" };

/** Starts all; resolves when every instance is registered and every subscriber has subscribed. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { instances, subscribers, services, sidecars, port, grpcPort, spreadMs } = options;
  const server = `127.0.0.1:${port}`;
  const errors: string[] = [];
  const onError = (error: unknown) => errors.push(String(error));
  /** Who has been told the change that is under way, by the number of each subscriber. */
  let onTold: (subscriber: number, change: number | undefined) => void = () => {};
  const told = (subscriber: number) => (change: number | undefined) => onTold(subscriber, change);
  const addressOf = (index: number) => ({
    serviceName: serviceName(index % services),
    ip: "127.0.0.1",
    port: FIRST_PORT + index,
  });

  const byHttp = Math.ceil(instances / 2);
  const subscribersByHttp = Math.ceil(subscribers / 2);
  const httpInstances = range(byHttp).map((index) => new HttpInstance(server, addressOf(index), onError));
  const httpSubscribers = range(subscribersByHttp).map(
    (index) => new HttpSubscriber(server, serviceName(0), told(index), onError),
  );
  const grpcClients = range(Math.max(instances - byHttp, subscribers - subscribersByHttp)).map((index) => {
    const client = new GrpcClient(grpcPort, told(subscribersByHttp + index), onError);
    return { index, client };
  });
  const spread = spreader(spreadMs);
  await Promise.all([
    spread(httpInstances, async (instance) => {
      await instance.register(METADATA);
      instance.beat(sidecars ? SIDECAR_BEATS : CLIENT_BEATS);
    }),
    spread(httpSubscribers, (subscriber) => subscriber.subscribe()),
    spread(grpcClients, async ({ client, index }) => {
      await client.setUp();
      if (index < instances - byHttp) await client.register(addressOf(byHttp + index), METADATA);
      if (index < subscribers - subscribersByHttp) await client.subscribe(serviceName(0));
    }),
  ]);

  let changes = 0;
  return {
    errors,
    async change(withinMs) {
      changes += 1;
      const number = changes;
      const times = new Map<number, number>();
      const all = Promise.withResolvers<void>();
      const begun = performance.now();
      onTold = (subscriber, change) => {
        if (change === number && !times.has(subscriber)) times.set(subscriber, performance.now() - begun);
        if (times.size === subscribers) all.resolve();
      };
      const late = setTimeout(all.resolve, withinMs);
      await httpInstances[0]?.register({ ...METADATA, [CHANGE]: String(number) });
      await all.promise;
      clearTimeout(late);
      return range(subscribers).map((subscriber) => times.get(subscriber) ?? withinMs);
    },
    async close() {
      for (const { client } of grpcClients) client.close();
      await Promise.all([...httpInstances, ...httpSubscribers].map((client) => client.close()));
    },
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Runs `start` for each, begun evenly over `spreadMs`. */
function spreader(spreadMs: number) {
  return <T>(all: readonly T[], start: (one: T) => Promise<void>): Promise<unknown> =>
    Promise.all(
      all.map(async (one, index) => {
        await new Promise((resolve) => setTimeout(resolve, (spreadMs * index) / all.length));
        await start(one);
      }),
    );
}
