// The database of a whole system, as what works on several services' tables gets it.

import type { DynamoClient } from "./dynamo-client.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Table } from "./table.ts";

/** Its tables, by their short names. */
export interface SystemDatabase {
  readonly client: DynamoClient;
  readonly endpoint: Endpoint;
  table(name: string): Table;
  /** The name that the database knows it by. */
  tableName(name: string): string;
}
