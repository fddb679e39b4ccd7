// npm run test:dynamodb [-- JEST ARGUMENTS]
// Holds the suite of the storage port, and npm run person, against a real DynamoDB Local on a free port. Needs Java 17 and, the first time, Maven.

import { report } from "../../support/command.ts";
import { startDynamoDbLocal } from "../../support/dynamodb-local/start.ts";
import { runJest } from "../../support/jest.ts";

const SUITES = ["tests/conformance/storage/table.test.ts", "tests/system/privacy/person.test.ts"];

const database = await startDynamoDbLocal();
try {
  console.log(`DynamoDB Local answers at ${database.address} (pid ${database.pid})`);
  report(await runJest([...SUITES, ...process.argv.slice(2)], { TEST_DYNAMODB: database.address }));
} finally {
  await database.close();
}
