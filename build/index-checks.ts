// A plugin of `serverless deploy`: refuses, before anything is changed, indexes that are not as those of the stage's tables are.

import * as z from "zod";
import { reasonOf } from "../lib/core/failure-text.ts";
import { parseJson } from "../lib/core/tried.ts";
import { type AccountReply, type AccountRequest, type AwsProvider, accountRequest } from "./aws-account.ts";

interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
}

interface Serverless {
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: "aws"): AwsProvider;
  readonly service: { readonly resources: { readonly Resources: Readonly<Record<string, Resource>> } };
}

interface Utilities {
  readonly log: { warning(text: string): void };
}

type Send = (request: AccountRequest) => Promise<AccountReply>;

/**
 * CloudFormation can't change the keys and the projection of an index, and makes or deletes one index of a table in an update. It ends a
 * deployment that asks for more after it has begun
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-globalsecondaryindex.html,
 * and "GlobalSecondaryIndexes" in …/aws-resource-dynamodb-table.html).
 * The tables themselves are asked, not the stack: it may be one that takes in tables that an earlier one has left behind.
 */
export default class IndexChecks {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless, _options: unknown, { log }: Utilities) {
    this.hooks = {
      "before:deploy:deploy": async () => {
        const provider = serverless.getProvider("aws");
        const send: Send = (request) => accountRequest(provider, request);
        const { problems, unknown } = await compareIndexes(serverless.service.resources.Resources, send);
        for (const line of unknown) log.warning(line);
        if (problems.length > 0)
          throw new serverless.classes.Error(problems.join("\n"), "INDEXES_UNCHANGEABLE");
      },
    };
  }
}

const keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const index = z.object({
  IndexName: z.string(),
  KeySchema: keys,
  Projection: z.object({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).default([]) }),
});
const indexes = z.object({ GlobalSecondaryIndexes: z.array(index).default([]) });
const wantedTable = indexes.extend({ TableName: z.string() });
const described = z.object({ Table: indexes });

type Index = z.infer<typeof index>;
type WantedTable = z.infer<typeof wantedTable>;

/** An index that AWS has otherwise than it is wanted. */
interface Difference {
  readonly table: string;
  readonly deployed: Index;
  readonly wanted: Index;
}

/** How the indexes of one table would have to change. */
interface Changes {
  readonly table: string;
  readonly differences: readonly Difference[];
  /** Names of indexes that are not there yet, and of those that are there and not wanted. */
  readonly made: readonly string[];
  readonly deleted: readonly string[];
}

/** Why the tables among `resources` can't be deployed over those that are there, and for which that is not known: lines for people. */
export async function compareIndexes(
  resources: Readonly<Record<string, Resource>>,
  send: Send,
): Promise<{ readonly problems: readonly string[]; readonly unknown: readonly string[] }> {
  const tables = Object.values(resources).filter(({ Type }) => Type === "AWS::DynamoDB::Table");
  const compared = await Promise.all(
    tables.map(({ Properties }) => changesOf(wantedTable.parse(Properties), send)),
  );
  const changes = compared.filter((one) => typeof one === "object");
  return {
    problems: [
      ...unchangeable(changes.flatMap(({ differences }) => differences)),
      ...tooManyAtOnce(changes.filter(({ made, deleted }) => made.length + deleted.length > 1)),
    ],
    unknown: compared.filter((one) => typeof one === "string"),
  };
}

/** Undefined where the table is not there yet; a text where AWS does not say how it is. */
async function changesOf(wanted: WantedTable, send: Send): Promise<Changes | string | undefined> {
  const { TableName: table } = wanted;
  const reply = await send({
    service: "dynamodb",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.DescribeTable",
    },
    body: JSON.stringify({ TableName: table }),
  }).catch((cause: unknown) => ({ status: 0, body: reasonOf(cause) }));
  if (reply.status !== 200) {
    if (reply.body.includes("ResourceNotFoundException")) return undefined;
    return `The indexes of ${table} were not compared with those that are there: dynamodb:DescribeTable was answered ${reply.body}`;
  }
  const there = described.parse(parseJson(reply.body)).Table.GlobalSecondaryIndexes;
  const named = (list: readonly Index[], name: string) => list.find(({ IndexName }) => IndexName === name);
  const without = (list: readonly Index[], others: readonly Index[]) =>
    list.map(({ IndexName }) => IndexName).filter((name) => named(others, name) === undefined);
  return {
    table,
    differences: wanted.GlobalSecondaryIndexes.flatMap((one) => {
      const deployed = named(there, one.IndexName);
      return deployed === undefined || textOf(deployed) === textOf(one)
        ? []
        : [{ table, deployed, wanted: one }];
    }),
    made: without(wanted.GlobalSecondaryIndexes, there),
    deleted: without(there, wanted.GlobalSecondaryIndexes),
  };
}

/** What an index has to have in common with another one of its name. */
function textOf({ KeySchema, Projection }: Index): string {
  const { ProjectionType, NonKeyAttributes } = Projection;
  const key = KeySchema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).sort();
  return JSON.stringify([key, ProjectionType, [...NonKeyAttributes].sort()]);
}

function unchangeable(differences: readonly Difference[]): readonly string[] {
  if (differences.length === 0) return [];
  const names = Map.groupBy(differences, ({ table }) => table);
  const list = [...names]
    .map(([table, all]) => `${table}: ${all.map(({ wanted }) => wanted.IndexName).join(", ")}`)
    .join("; ");
  return [`AWS can't change an index, and ${adviceFor(differences)} (${list})`];
}

function tooManyAtOnce(changes: readonly Changes[]): readonly string[] {
  if (changes.length === 0) return [];
  const list = changes
    .map(({ table, made, deleted }) => {
      const steps = [...made.map((name) => `make ${name}`), ...deleted.map((name) => `delete ${name}`)];
      return `${table}: ${steps.join(", ")}`;
    })
    .join("; ");
  return [
    `AWS makes or deletes one index of a table in a deployment, and this one needs more: deploy in steps, as docs/guides/upgrading.md has it (${list})`,
  ];
}

function adviceFor(differences: readonly Difference[]): string {
  const isWhole = ({ Projection }: Index) => Projection.ProjectionType === "ALL";
  if (differences.every(({ deployed, wanted }) => isWhole(deployed) && !isWhole(wanted)))
    return "those of this stage hold whole items, as an earlier version made them: deploy it with WHOLE_INDEXES=on";
  if (differences.every(({ deployed, wanted }) => !isWhole(deployed) && isWhole(wanted)))
    return "those of this stage hold keys, and not whole items: deploy it without WHOLE_INDEXES=on";
  return "those of this stage are not as this version has them: deploy a version that has them so";
}
