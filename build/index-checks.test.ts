import { createServer } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { listen, portOf } from "../tests/support/free-ports.ts";
import type { AccountRequest } from "./aws-account.ts";
import IndexChecks, { compareIndexes } from "./index-checks.ts";
import { type TableResource, tableResources } from "./tables.ts";

const tables = services.flatMap((service) => service.tables);
const resources = (narrow: boolean) =>
  tableResources(tables, { family: "shop-prod", onRemoval: "Retain", narrow });
type Resources = ReturnType<typeof resources>;

/** AWS with the tables among `there`; `change` makes one of its descriptions another. */
const aws =
  (there: Resources, change = (table: TableResource["Properties"]): unknown => table) =>
  async ({ service, headers = {}, body = "" }: AccountRequest) => {
    expect([service, headers["x-amz-target"]]).toEqual(["dynamodb", "DynamoDB_20120810.DescribeTable"]);
    const { TableName } = JSON.parse(body);
    const found = Object.values(there).find(({ Properties }) => Properties["TableName"] === TableName);
    if (found === undefined)
      return { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}' };
    return { status: 200, body: JSON.stringify({ Table: change(found.Properties) }) };
  };

const none = { problems: [], unknown: [] };

describe("indexes of tables that are there", () => {
  test.each([true, false])(
    "are no obstacle where they are as they are wanted (narrow: %p)",
    async (narrow) => {
      expect(await compareIndexes(resources(narrow), aws(resources(narrow)))).toEqual(none);
    },
  );

  test("are no question where there are no tables yet", async () => {
    expect(await compareIndexes(resources(true), aws({}))).toEqual(none);
  });

  test("may be one more or one less in a table: two changes of one table are refused in a line that names them", async () => {
    const orders = ({ TableName }: TableResource["Properties"]) => TableName === "shop-prod-orders";
    const withIndexes =
      (change: (indexes: readonly { readonly IndexName: string }[]) => readonly object[]) =>
      (table: TableResource["Properties"]) =>
        orders(table)
          ? { ...table, GlobalSecondaryIndexes: change(Object(table)["GlobalSecondaryIndexes"]) }
          : table;
    const compare = (...change: Parameters<typeof withIndexes>) =>
      compareIndexes(resources(true), aws(resources(true), withIndexes(...change)));
    const former = (index: object | undefined) => ({ ...index, IndexName: "of_before" });

    expect(await compare((all) => all.slice(1))).toEqual(none);
    expect(await compare((all) => [...all, former(all[0])])).toEqual(none);
    const names = tables.find(({ name }) => name === "orders")?.indexes.map(({ name }) => name) ?? [];
    const refused = (steps: string) => ({
      problems: [
        `AWS makes or deletes one index of a table in a deployment, and this one needs more: deploy in steps, as docs/guides/upgrading.md has it (shop-prod-orders: ${steps})`,
      ],
      unknown: [],
    });
    expect(await compare((all) => all.slice(2))).toEqual(refused(`make ${names[0]}, make ${names[1]}`));
    expect(await compare((all) => [...all.slice(1), former(all[0])])).toEqual(
      refused(`make ${names[0]}, delete of_before`),
    );
  });

  test("of an earlier version need WHOLE_INDEXES=on: one line says so, with tables and indexes", async () => {
    const { problems, unknown } = await compareIndexes(resources(true), aws(resources(false)));
    expect(unknown).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^AWS can't change an index, .* deploy it with WHOLE_INDEXES=on \(.*\)$/),
    ]);
    const named = /\((.*)\)$/.exec(problems[0] ?? "")?.[1]?.split("; ");
    const carrying = tables.filter(({ indexes }) => indexes.some(({ carries }) => carries !== undefined));
    expect(carrying.length).toBeGreaterThan(1);
    expect(named).toEqual(
      carrying.map(({ name, indexes }) => {
        const own = indexes.filter(({ carries }) => carries !== undefined);
        return `shop-prod-${name}: ${own.map((one) => one.name).join(", ")}`;
      }),
    );
  });

  test("that hold keys can't be deployed over with WHOLE_INDEXES=on", async () => {
    const { problems } = await compareIndexes(resources(false), aws(resources(true)));
    expect(problems).toEqual([expect.stringMatching(/deploy it without WHOLE_INDEXES=on \(/)]);
  });

  test("with other keys are as no setting makes them", async () => {
    const other = (table: TableResource["Properties"]) =>
      JSON.parse(JSON.stringify(table).replaceAll("due_at", "at"));
    const { problems } = await compareIndexes(resources(true), aws(resources(true), other));
    expect(problems).toEqual([
      expect.stringMatching(/not as this version has them.*shop-prod-orders: by_due/),
    ]);
  });

  test("that are described in another order are the same", async () => {
    const turned = (table: TableResource["Properties"]) => {
      const { GlobalSecondaryIndexes = [] } = Object(table);
      const mixed = GlobalSecondaryIndexes.map(
        ({ KeySchema, Projection, ...rest }: Record<string, never>) => ({
          ...rest,
          IndexStatus: "ACTIVE",
          KeySchema: Object.values(KeySchema ?? {}).reverse(),
          Projection: {
            ...Object(Projection),
            ...("NonKeyAttributes" in Object(Projection)
              ? { NonKeyAttributes: Object(Projection).NonKeyAttributes.toReversed() }
              : {}),
          },
        }),
      );
      return { ...table, GlobalSecondaryIndexes: mixed.toReversed() };
    };
    expect(await compareIndexes(resources(true), aws(resources(true), turned))).toEqual(none);
  });

  test("are not known where AWS does not say it, which is no obstacle", async () => {
    const denied = async () => ({ status: 400, body: '{"__type":"AccessDeniedException"}' });
    const { problems, unknown } = await compareIndexes(resources(true), denied);
    expect(problems).toEqual([]);
    expect(unknown).toHaveLength(tables.length);
    expect(unknown[0]).toMatch(/^The indexes of shop-prod-orders were not compared .*AccessDeniedException/);
    const silent = await compareIndexes(resources(true), () => Promise.reject(new Error("no way there")));
    expect(silent.unknown[0]).toContain("no way there");
  });
});

test("a deployment is refused before it begins, with the deployer's own credentials", async () => {
  const asked: string[] = [];
  const answer = aws(resources(false));
  const server = createServer((request, reply) => {
    asked.push(request.headers.authorization?.match(/Credential=a\/\d+\/(.*?)\/aws4_request/)?.[1] ?? "");
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", async () => {
      const headers = { "x-amz-target": String(request.headers["x-amz-target"]) };
      const { status, body: text } = await answer({ service: "dynamodb", headers, body });
      reply.writeHead(status).end(text);
    });
  });
  await listen(server);
  const before = process.env["AWS_ENDPOINT_URL"];
  process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${portOf(server)}`;
  try {
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const provider = { getRegion: () => "eu-west-1", getAwsSdkV3Config: async () => ({ credentials }) };
    const deployment = (narrow: boolean) =>
      new IndexChecks(
        {
          classes: { Error },
          getProvider: () => provider,
          service: { resources: { Resources: { ...resources(narrow), Queue: { Type: "AWS::SQS::Queue" } } } },
        },
        {},
        { log: { warning: (text) => asked.push(text) } },
      ).hooks["before:deploy:deploy"]?.();
    await expect(deployment(true)).rejects.toThrow("WHOLE_INDEXES=on");
    await deployment(false);
    expect(asked).toEqual(Array(tables.length * 2).fill("eu-west-1/dynamodb"));
  } finally {
    if (before === undefined) delete process.env["AWS_ENDPOINT_URL"];
    else process.env["AWS_ENDPOINT_URL"] = before;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
