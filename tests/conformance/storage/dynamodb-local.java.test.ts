// Run by `npm run test:dynamodb`, which starts DynamoDB Local and says where it is.

import { afterAll, describe } from "@jest/globals";
import { clientOf, openTable } from "./open-table.ts";
import { tableSuite } from "./table-suite.ts";

const address = process.env["TEST_DYNAMODB"];
if (address === undefined) throw new Error("Set TEST_DYNAMODB=<host>:<port>, or use npm run test:dynamodb.");

describe(`a table of DynamoDB at ${address}`, () => {
  const client = clientOf(`http://${address}`);
  afterAll(() => client.close());

  tableSuite(() => openTable(client));
});
