// Each request to the database as a measurement and as a span, where these are wanted. Attributes by OpenTelemetry's conventions for
// DynamoDB (https://opentelemetry.io/docs/specs/semconv/database/dynamodb/).

import { meter } from "../observability/meter.ts";
import { activeSpan, type ChildStart, type Span } from "../observability/span.ts";
import type { DynamoClient, DynamoReply } from "./dynamo-client.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";

/** `client`, which reports how each operation ended. A request that is part of no span, such as a sweep's, makes none. */
export function observedClient(client: DynamoClient): DynamoClient {
  return {
    get writeFailure() {
      return client.writeFailure;
    },
    send(operation, input, signal) {
      const span = activeSpan();
      return span === undefined && meter() === undefined
        ? client.send(operation, input, signal)
        : observed(client, operation, input, signal, span);
    },
    close: () => client.close(),
  };
}

const tableOf = (input: object): string | undefined =>
  "TableName" in input ? String(input.TableName) : undefined;

/** Sends it as a span below `parent`, and measured. */
async function observed(
  client: DynamoClient,
  operation: string,
  input: object,
  signal: AbortSignal | undefined,
  parent: Span | undefined,
): Promise<DynamoReply> {
  const begun = performance.now();
  const table = tableOf(input);
  const span = parent?.child(startOf(operation, table));
  let outcome = "cancelled";
  try {
    const reply = await client.send(operation, input, signal);
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
    meter()?.storage(operation, outcome, (performance.now() - begun) / 1_000);
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
