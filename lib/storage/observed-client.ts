// Each request to the database as a measurement and as a span, where these are wanted. Attributes by OpenTelemetry's conventions for
// DynamoDB (https://opentelemetry.io/docs/specs/semconv/database/dynamodb/).

import { meter } from "../observability/meter.ts";
import { activeSpan, type ChildStart } from "../observability/span.ts";
import { isTraced, traffic } from "../observability/traffic.ts";
import type { DynamoClient, DynamoReply } from "./dynamo-client.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";

/** `client`, which reports how each operation ended. A request that is part of no span, such as a sweep's, makes none. */
export function observedClient(client: DynamoClient): DynamoClient {
  return {
    get writeFailure() {
      return client.writeFailure;
    },
    send(operation, input, signal) {
      const isObserved = meter() !== undefined || isTraced();
      const begun = isObserved ? performance.now() : 0;
      const sent = client.send(operation, input, signal);
      return isObserved ? observed(operation, input, sent, begun) : sent;
    },
    close: () => client.close(),
  };
}

/** `sent` as a span where one is under way, counted and measured. This is most of what is observed, by far: it has to be cheap. */
async function observed(
  operation: string,
  input: object,
  sent: Promise<DynamoReply>,
  begun: number,
): Promise<DynamoReply> {
  const table = "TableName" in input ? String(input.TableName) : undefined;
  const span = activeSpan()?.child(startOf(operation, table));
  let outcome = "cancelled";
  try {
    const reply = await sent;
    outcome = reply.conditionFailed ? "condition_failed" : "ok";
    if (reply.conditionFailed) span?.set({ "cfmp.storage.condition_failed": true });
    return reply;
  } catch (error) {
    if (error instanceof StorageFault) outcome = "refused";
    else if (error instanceof StorageUnavailable) outcome = "unavailable";
    span?.fail(error);
    throw error;
  } finally {
    span?.end();
    const milliseconds = performance.now() - begun;
    const answered = outcome === "ok" || outcome === "condition_failed";
    if (table !== undefined) traffic()?.asked(table, milliseconds, !answered);
    meter()?.storage(operation, outcome, milliseconds / 1_000);
  }
}

const starts = new Map<string, ChildStart>();

/** The same object for each operation on a table, as this is most spans by far. */
function startOf(operation: string, table: string | undefined): ChildStart {
  const key = `${operation} ${table}`;
  let start = starts.get(key);
  if (start === undefined) {
    start = newStart(operation, table);
    starts.set(key, start);
  }
  return start;
}

function newStart(operation: string, table: string | undefined): ChildStart {
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    kind: "client",
    attributes: Object.freeze({
      "db.system.name": "aws.dynamodb",
      "db.operation.name": operation,
      "db.collection.name": table,
    }),
  };
}
