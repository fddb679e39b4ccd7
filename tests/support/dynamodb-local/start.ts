// A real DynamoDB Local on a free port of 127.0.0.1, with its data in memory. Needs Java 17 and, the first time, Maven.

import { join } from "node:path";
import { freePorts } from "../free-ports.ts";
import { until } from "../poll.ts";
import { begin } from "../run.ts";
import { jarsOf } from "../tools.ts";

export interface DynamoDbLocal {
  /** `host:port`. */
  readonly address: string;
  readonly pid: number;
  close(): Promise<void>;
}

const MAIN = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";

/** Fetches it if it is not there yet, starts it, and resolves when it answers. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const jars = await jarsOf(join(import.meta.dirname, "pom.xml"));
  const [port] = await freePorts(1);
  const java = [`-Djava.library.path=${jars}`, "-Xmx256m", "-cp", join(jars, "*"), MAIN];
  const options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)];
  const database = await begin("java", [...java, ...options]);
  const address = `127.0.0.1:${port}`;
  const up = async () => {
    if (!database.running()) return true;
    // Any HTTP answer will do: an unsigned request is refused, but by a server that is up.
    await fetch(`http://${address}/`);
    return true;
  };
  await until("DynamoDB Local answers", up).catch(async (cause) => {
    await database.end();
    throw cause;
  });
  if (!database.running()) throw new Error(`DynamoDB Local ended:\n${database.output()}`);
  return { address, pid: database.pid, close: database.end };
}
