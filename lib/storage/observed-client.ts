// Each request to the database as a measurement and as a span, where these are wanted. Attributes by OpenTelemetry's conventions for
// DynamoDB (https://opentelemetry.io/docs/specs/semconv/database/dynamodb/).

import { meter } from "../observability/meter.ts";
import { activeSpan, type ChildStart, type Span } from "../observability/span.ts";
import { type Traffic, traffic } from "../observability/traffic.ts";
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
      if (span !== undefined || meter() !== undefined)
        return observed(client, operation, input, signal, span);
      const counting = traffic();
      const table = counting && tableOf(input);
      const begun = table === undefined ? 0 : performance.now();
      const sent = client.send(operation, input, signal);
      if (counting !== undefined && table !== undefined) count(counting, table, begun, sent);
      return sent;
    },
    close: () => client.close(),
  };
}

const tableOf = (input: object): string | undefined =>
  "TableName" in input ? String(input.TableName) : undefined;

/** Counts it at its end. This is most of what is counted, by far: it has to be cheap. */
function count(counting: Traffic, table: string, begun: number, sent: Promise<DynamoReply>): void {
  sent.then(
    () => counting.asked(table, performance.now() - begun, false),
    () => counting.asked(table, performance.now() - begun, true),
  );
}

/** Sends it as a span below `parent`, counted and measured. */
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
