// The DynamoDB tables of serverless.yml as CreateTable requests: one definition for laptop and AWS.

import * as z from "zod";

const key = z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) });

const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: z.array(key),
  Projection: z.strictObject({
    ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});

/** What DynamoDB's CreateTable and CloudFormation call by the same names; the rest of a resource is AWS' own concern. */
const table = z.object({
  TableName: z.string().min(3),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
  ),
  KeySchema: z.array(key),
  GlobalSecondaryIndexes: z.array(index).optional(),
  BillingMode: z.literal("PAY_PER_REQUEST"),
});

const resource = z.object({ Type: z.literal("AWS::DynamoDB::Table"), Properties: table });

/** Input of the CreateTable operation. */
export type CreateTable = z.infer<typeof table>;

/**
 * Reads the tables of a CloudFormation `Resources` section, other resources are passed over.
 * @throws {z.ZodError} when a table is declared in a way that a laptop could not follow.
 */
export function tablesOf(resources: Readonly<Record<string, unknown>>): readonly CreateTable[] {
  return Object.values(resources)
    .filter((one) => isTable(one))
    .map((one) => resource.parse(one).Properties);
}

const isTable = (one: unknown): boolean =>
  typeof one === "object" && one !== null && "Type" in one && one.Type === "AWS::DynamoDB::Table";
