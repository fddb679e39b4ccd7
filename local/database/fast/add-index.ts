// UpdateTable that creates global indexes, which dynalite would pass over in silence:
// { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema, Projection } }] }

import { parsedRequest } from "../new-indexes.ts";
import type { Shape } from "./shape.ts";

export const addIndex: Shape = (request, { indexes }) => {
  const wanted = parsedRequest(request);
  if (wanted === undefined) return undefined;
  return (done) => {
    indexes.add(wanted).then(
      (table) => done(null, JSON.stringify({ TableDescription: table })),
      (error: Error) => done(error),
    );
  };
};
