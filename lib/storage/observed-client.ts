// Measures each request to the database, where it is measured at all.

import { meter } from "../observability/meter.ts";
import type { DynamoClient, DynamoReply } from "./dynamo-client.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";

/** `client`, which tells the process's meter how each operation ended. */
export function observedClient(client: DynamoClient): DynamoClient {
  return {
    get writeFailure() {
      return client.writeFailure;
    },
    send: (operation, input, signal) =>
      meter() === undefined
        ? client.send(operation, input, signal)
        : observed(operation, () => client.send(operation, input, signal)),
    close: () => client.close(),
  };
}

async function observed(operation: string, send: () => Promise<DynamoReply>): Promise<DynamoReply> {
  const begun = performance.now();
  let outcome = "cancelled";
  try {
    const reply = await send();
    outcome = reply.conditionFailed ? "condition_failed" : "ok";
    return reply;
  } catch (error) {
    if (error instanceof StorageFault) outcome = "refused";
    else if (error instanceof StorageUnavailable) outcome = "unavailable";
    throw error;
  } finally {
    meter()?.storage(operation, outcome, (performance.now() - begun) / 1_000);
  }
}
