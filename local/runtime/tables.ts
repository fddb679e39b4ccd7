// Converts the DynamoDB tables of serverless.yml to CreateTable requests: one definition for the local runtime and AWS.

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

/** The properties that CreateTable and CloudFormation have in common; the others are only for AWS. */
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
 * Reads the tables of a CloudFormation `Resources` section; other resources are skipped.
 * @throws {z.ZodError} when a table is declared in a way that CreateTable does not support.
 */
export function tablesOf(resources: Readonly<Record<string, unknown>>): readonly CreateTable[] {
  return Object.values(resources)
    .filter((one) => isTable(one))
    .map((one) => resource.parse(one).Properties);
}

const isTable = (one: unknown): boolean =>
  typeof one === "object" && one !== null && "Type" in one && one.Type === "AWS::DynamoDB::Table";
