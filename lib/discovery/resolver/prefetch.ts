// Fetches lists before they are needed, so that the first calls after a start do not wait for the registry.

import { setTimeout as sleep } from "node:timers/promises";
import { waitAtMost } from "../../core/wait-at-most.ts";
import type { Resolver } from "./resolver.ts";

/** Milliseconds until a registry that did not answer is queried again. */
const AGAIN_MS = 100;

const pause = (): Promise<void> => sleep(AGAIN_MS, undefined, { ref: false });

/**
 * Resolves when the registry has answered for every service, or after `timeoutMs`; never rejects.
 * @param wait lasts as long as the pause between two queries.
 */
export async function prefetch(
  resolver: Pick<Resolver, "peek" | "refresh">,
  services: readonly string[],
  timeoutMs: number,
  wait: () => Promise<void> = pause,
): Promise<void> {
  let over = false;
  const confirmed = (service: string) => {
    const { known, outdated } = resolver.peek(service);
    return known && !outdated;
  };
  const fetchList = async (service: string) => {
    // Queried before anything is looked up: a look at a service that is not known yet reads its snapshot, and warns of it.
    await resolver.refresh(service);
    while (!over && !confirmed(service)) {
      await wait();
      if (!over) await resolver.refresh(service);
    }
  };
  await waitAtMost(
    timeoutMs,
    Promise.all(services.map(fetchList)).then(() => {}),
  );
  over = true;
}
