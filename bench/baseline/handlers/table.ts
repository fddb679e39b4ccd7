// Handlers for comparison: one that does nothing, and one that only makes the database read of GET /api/orders/{id}/.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const headers = { "content-type": "application/json" };

const client = createDynamoClient({
  url: process.env["BENCH_DATABASE_URL"] ?? "",
  region: "us-east-1",
  accessKeyId: "local",
  secretAccessKey: "local",
  embedded: true,
});
const table = dynamoTable(client, process.env["BENCH_TABLE"] ?? "");

export const handlers: Readonly<Record<string, Handler>> = {
  trivial: async () => ({ statusCode: 200, headers, body: '{"status":"ok"}' }),
  async readOrder(event) {
    const order = await table.get(event.pathParameters?.["id"] ?? "");
    return order ? { statusCode: 200, headers, body: order.doc } : { statusCode: 404, headers, body: "{}" };
  },
};
