// Records in DynamoDB that are not aggregates: read by the client that everything shares, written by dynamoose, which is
// loaded at the first write.

import type { Endpoint } from "../../lib/storage/endpoint.ts";

/** The attributes of a record as DynamoDB writes them, without their types. */
export function plain(item: unknown): Readonly<Record<string, unknown>> {
  if (typeof item !== "object" || item === null) return {};
  return Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name, Object.values(attribute ?? {})[0]]),
  );
}

/** dynamoose, with the database at `endpoint`. */
export async function openDynamoose({ url, region, ...credentials }: Endpoint) {
  const { default: dynamoose } = await import("dynamoose");
  dynamoose.aws.ddb.set(
    new dynamoose.aws.ddb.DynamoDB({
      endpoint: url,
      region,
      credentials,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500 },
    }),
  );
  return dynamoose;
}
