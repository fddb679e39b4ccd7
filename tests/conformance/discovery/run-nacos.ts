// npm run test:nacos [-- JEST ARGUMENTS]
// Holds every suite *.registry.test.ts against a real Nacos server; then the journeys of the whole system with that server as its
// registry, by each of its APIs, and by gRPC with a real DynamoDB Local as its database; then *.cluster.test.ts against two servers that know each other. What is given on the command line
// goes to Jest, and then only the first are run. `-- --cluster` runs only the last.

import { report, type Verdict } from "../../support/command.ts";
import { startDynamoDbLocal } from "../../support/dynamodb-local/start.ts";
import { only, runJest } from "../../support/jest.ts";
import { startNacosCluster } from "../../support/nacos-server/cluster.ts";
import { startNacos } from "../../support/nacos-server/start.ts";

const JOURNEYS = ["main-journey", "bad-input", "two-instances"].map(
  (name) => `tests/system/journeys/${name}`,
);
const files = process.argv.slice(2);
const runs: Verdict[] = [];
if (files[0] !== "--cluster") await againstOne();
if (files.length === 0 || files[0] === "--cluster") await againstTwo();

async function againstOne(): Promise<void> {
  const server = await startNacos();
  const { address } = server;
  console.log(`Nacos answers at ${address} (pid ${server.pid})`);
  try {
    runs.push(await runJest([...only(".registry.test.ts"), ...files], { TEST_NACOS_SERVER: address }));
    for (const api of files.length > 0 ? [] : ["v1", "v3", "grpc"]) {
      console.log(`\nJourneys with Nacos ${api}`);
      runs.push(await runJest(JOURNEYS, { TEST_NACOS_SERVER: address, TEST_NACOS_API: api }));
    }
    if (files.length === 0) runs.push(await withDynamoDb(address));
  } finally {
    await server.close();
  }
}

async function withDynamoDb(nacos: string): Promise<Verdict> {
  const database = await startDynamoDbLocal();
  console.log("\nJourneys with Nacos grpc and DynamoDB Local");
  try {
    return await runJest(JOURNEYS.slice(0, 1), {
      TEST_NACOS_SERVER: nacos,
      TEST_NACOS_API: "grpc",
      TEST_DYNAMODB: database.address,
    });
  } finally {
    await database.close();
  }
}

async function againstTwo(): Promise<void> {
  const cluster = await startNacosCluster(2);
  const addresses = cluster.addresses.join(",");
  console.log(`\nA cluster of Nacos answers at ${addresses}`);
  try {
    runs.push(await runJest(only(".cluster.test.ts"), { TEST_NACOS_CLUSTER: addresses }));
  } finally {
    await cluster.close();
  }
}

const sum = (of: (run: Verdict) => number) => runs.reduce((total, run) => total + of(run), 0);
report({ passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed) });
