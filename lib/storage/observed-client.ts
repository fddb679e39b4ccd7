// Each request to the database as a measurement and as a span, where these are wanted. Attributes by OpenTelemetry's conventions for
// DynamoDB (https://opentelemetry.io/docs/specs/semconv/database/dynamodb/).

import { meter } from "../observability/meter.ts";
import { currentSpan, type SpanStart } from "../observability/span.ts";
import { asCall, type Callee } from "../observability/traffic.ts";
import type { DynamoClient, DynamoReply } from "./dynamo-client.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";

/** `client`, which reports how each operation ended. A request that is part of no span, such as a sweep's, makes none. */
export function observedClient(client: DynamoClient): DynamoClient {
  return {
    get writeFailure() {
      return client.writeFailure;
    },
    send(operation, input, signal) {
      const measured = meter() !== undefined;
      if (!measured && currentSpan() === undefined) return client.send(operation, input, signal);
      const send = () => client.send(operation, input, signal);
      return asCall(
        DATABASE,
        () => startOf(operation, input),
        async (span) => {
          const reply = await (measured ? measuring(operation, send) : send());
          if (reply.conditionFailed) span?.set({ "cfmp.storage.condition_failed": true });
          return reply;
        },
      );
    },
    close: () => client.close(),
  };
}

const DATABASE: Callee = { to: "database", kind: "database" };

type Start = Omit<SpanStart, "service" | "parent">;

const starts = new Map<string, Start>();

/** The same object for each operation on a table, as this is most spans by far. */
function startOf(operation: string, input: object): Start {
  const table = "TableName" in input ? String(input.TableName) : undefined;
  const key = `${operation} ${table}`;
  let start = starts.get(key);
  if (start === undefined) {
    start = newStart(operation, table);
    starts.set(key, start);
  }
  return start;
}

function newStart(operation: string, table: string | undefined): Start {
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

async function measuring(operation: string, send: () => Promise<DynamoReply>): Promise<DynamoReply> {
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
