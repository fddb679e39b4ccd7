// UpdateTable that creates global indexes, which dynalite would pass over in silence:
// { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema, Projection } }] }

import { withZod } from "../../shared/with-zod.ts";
import type { TableDescription } from "../dynalite.ts";
import type { NewIndexes } from "../new-indexes.ts";
import type { Shape } from "./shape.ts";

export const addIndex: Shape = (request, { indexes }) => {
  return (done, pass) => {
    added(request, indexes).then(
      (table) => (table === undefined ? pass() : done(null, JSON.stringify({ TableDescription: table }))),
      (error: Error) => done(error),
    );
  };
};

/** Undefined when the request is another one. */
async function added(request: unknown, indexes: NewIndexes): Promise<TableDescription | undefined> {
  const { parsedRequest } = await withZod(() => import("../index-request.ts"));
  const wanted = parsedRequest(request);
  return wanted && indexes.add(wanted);
}
