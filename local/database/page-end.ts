// Where a page of a query or scan ends. dynalite ends one at 1 MB as well, but counts UTF-16 code units, of which a Chinese
// text has a third of its bytes.

import type { Data } from "./dynalite.ts";

/** Where the rows of one page end; the last row may pass it. */
export interface PageEnd {
  /** Most bytes of stored items that are read. */
  readonly bytes: number;
  /** Ends the page after `rows` rows, so that the reply says where the next one begins. */
  endAfter(rows: number): void;
}

/** DynamoDB ends a page when it has read this much. */
export const READ_BYTES = 1024 * 1024;

/**
 * A page whose items are sent whole ends here: 100 orders of 4 KB. DynamoDB's clients must expect a page to end anywhere, and
 * a small one keeps neither this process nor the one that parses the reply from other requests for long.
 */
const SENT_BYTES = 384 * 1024;

/** Most bytes of stored items that are read for a page that sends parts of them, or all. */
export const bytesOfPage = (inParts: boolean): number => (inParts ? READ_BYTES : SENT_BYTES);

/** The end of the page that `data`, a checked `Query` or `Scan`, asks for. dynalite reads its `Limit` before each row. */
export function pageEnd(data: Data): PageEnd {
  const inParts = data["ProjectionExpression"] ?? data["AttributesToGet"];
  return {
    bytes: bytesOfPage(inParts !== undefined),
    endAfter(rows) {
      data["Limit"] = rows;
    },
  };
}
