// The request that gives a table another index.

import * as z from "zod";

const attribute = z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) });
const index = z.object({
  IndexName: z.string().regex(/^[\w.-]{3,255}$/),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) })).length(2),
  Projection: z.object({ ProjectionType: z.enum(["ALL", "KEYS_ONLY"]) }),
});
const creating = z.object({
  TableName: z.string(),
  AttributeDefinitions: z.array(attribute),
  GlobalSecondaryIndexUpdates: z.array(z.strictObject({ Create: index })).length(1),
});

export type Wanted = z.infer<typeof creating>;

/** The request, if it creates an index of two texts; undefined for any other. */
export const parsedRequest = (request: unknown): Wanted | undefined => creating.safeParse(request).data;
