// npm run test:dynamodb [-- JEST ARGUMENTS]
// Holds the suite of the storage port, and npm run person, against a real DynamoDB Local on a free port. Needs Java 17 and, the first time, Maven.

import { join } from "node:path";
import { report } from "../../support/command.ts";
import { freePorts } from "../../support/free-ports.ts";
import { runJest } from "../../support/jest.ts";
import { until } from "../../support/poll.ts";
import { begin } from "../../support/run.ts";
import { jarsOf } from "../../support/tools.ts";

const SUITES = ["tests/conformance/storage/table.test.ts", "tests/system/privacy/person.test.ts"];
const MAIN = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";

const jars = await jarsOf(join(import.meta.dirname, "pom.xml"));
const [port] = await freePorts(1);
const java = [`-Djava.library.path=${jars}`, "-Xmx256m", "-cp", join(jars, "*"), MAIN];
const options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)];
const database = await begin("java", [...java, ...options]);
try {
  const up = async () => {
    if (!database.running()) return true;
    // Any HTTP answer will do: an unsigned request is refused, but by a server that is up.
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  };
  await until("DynamoDB Local answers", up);
  if (!database.running()) throw new Error(`DynamoDB Local ended:\n${database.output()}`);
  console.log(`DynamoDB Local answers on port ${port} (pid ${database.pid})`);
  report(
    await runJest([...SUITES, ...process.argv.slice(2)], {
      TEST_DYNAMODB: `127.0.0.1:${port}`,
    }),
  );
} finally {
  await database.end();
}
