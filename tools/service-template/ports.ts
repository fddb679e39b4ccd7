// What SampleService needs of the world outside; tests bring their own.

import type { Table } from "../../lib/storage/table.ts";

export interface SamplePorts {
  readonly table: Table;
  readonly cursorKey: Uint8Array;
  /** Epoch milliseconds. */
  now(): number;
}
