// What SampleService needs of the world outside; tests bring their own.

import type { CursorKeys } from "../../lib/http/cursor.ts";
import type { Table } from "../../lib/storage/table.ts";

export interface SamplePorts {
  readonly table: Table;
  readonly cursorKeys: CursorKeys;
  /** Epoch milliseconds. */
  now(): number;
}
