// `npm run bench:cold`: what each function of the stack weighs, and what its cold start costs, beside a function that does nothing.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createTokens } from "../../lib/auth/tokens.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { commandOptions, names, number, text } from "../../tests/support/command.ts";
import { median } from "../../tests/support/quantiles.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { figure, table } from "../report/format.ts";
import { earlierEnvironment, isEarlier } from "./earlier.ts";
import { bundledFunctions, type ColdFunction, emptyFunction } from "./functions.ts";
import { type ColdStart, coldStart } from "./start.ts";

const options = commandOptions({
  /** How often each function is started. CPU time is the least, since other processes only add to it; memory is the median. */
  rounds: number(5),
  /** Parts of functions' names; all when left out. */
  only: names,
  /** Another checkout, measured by turns with this one. */
  against: text(undefined),
  json: text(undefined),
});

const ROOT = join(import.meta.dirname, "..", "..");
const KEY = "a key of this measurement alone, as long as it has to be";
const folder = mkdtempSync(join(tmpdir(), "cfmp-cold-"));
const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });

try {
  const env = await environment();
  const token = await createTokens({ SECRET_KEY: KEY, TOKEN_AUDIENCE: "cfmp-order" }).mintUser(
    { sub: "ann" },
    3_600,
  );
  const sides = [
    ...(options.against === undefined ? [] : [await side("before", resolve(options.against))]),
    await side("now", ROOT),
  ];
  const figures: Record<string, Record<string, Figures>> = {};
  for (const name of new Set(sides.flatMap(({ functions }) => [...functions.keys()]))) {
    const starts = new Map<string, ColdStart[]>();
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { label, functions } of round % 2 === 0 ? sides : sides.toReversed()) {
        const cold = functions.get(name);
        if (cold === undefined) continue;
        const start = await coldStart(cold, env, eventFor(cold, token));
        starts.set(label, [...(starts.get(label) ?? []), start]);
      }
    }
    figures[name] = Object.fromEntries(
      sides.flatMap(({ label, functions }) => {
        const cold = functions.get(name);
        return cold === undefined ? [] : [[label, figuresOf(cold, starts.get(label) ?? [])]];
      }),
    );
  }
  console.log(
    report(
      figures,
      sides.map(({ label }) => label),
    ),
  );
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}

interface Figures extends ColdStart {
  readonly zippedKib: number;
  /** Milliseconds of CPU time until the first event was answered: what is put off from the start is in it. */
  readonly answered: number;
}

/** The functions of one checkout that are to be measured, by name, and the empty one. */
async function side(label: string, root: string) {
  const isChosen = (name: string) => options.only?.some((part) => name.includes(part)) ?? true;
  const chosen = await bundledFunctions(root, join(folder, label), isChosen);
  const functions = [emptyFunction(join(folder, label)), ...chosen];
  return { label, functions: new Map(functions.map((one) => [one.name, one])) };
}

/** What a function finds in its environment on AWS, with a database of this command's own. */
async function environment(): Promise<Readonly<Record<string, string>>> {
  const keys = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };
  const endpoint = { url: `http://127.0.0.1:${database.port}`, region: keys.AWS_REGION };
  const client = createDynamoClient({ ...endpoint, accessKeyId: "id", secretAccessKey: "secret" });
  await createTables(client, systemTables("cold"));
  await client.close();
  const url = "https://abcd1234.execute-api.eu-central-1.amazonaws.com";
  return {
    ...keys,
    AWS_LAMBDA_FUNCTION_NAME: "cfmp-order-prod-function",
    FUNCTION_PREFIX: "cfmp-order-prod-",
    DEBUG: "False",
    SECRET_KEY: KEY,
    DB_NAME: "cold",
    DB_HOST: database.host,
    DB_PORT: String(database.port),
    ORDERSERVICE_URL: url,
    PAYMENTSERVICE_URL: url,
    NOTIFICATIONSERVICE_URL: url,
    ...(options.against !== undefined && isEarlier(resolve(options.against)) ? earlierEnvironment(url) : {}),
  };
}

/** API Gateway's event of a user's request to the function's route, for something that does not exist; a sweep for a relay. */
function eventFor({ route, socket }: ColdFunction, token: string): unknown {
  if (socket !== undefined) return { requestContext: { connectionId: "c", routeKey: socket, stage: "prod" } };
  if (route === undefined) return { sweep: true };
  const pathParameters = Object.fromEntries(
    [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = ""]) => [name, randomUUID()]),
  );
  const path = route.path.replace(/\{(\w+)\+?\}/g, (_, name: string) => pathParameters[name] ?? "");
  const method = route.method.replace("*", "GET").toUpperCase();
  return {
    version: "2.0",
    routeKey: `${method} ${route.path}`,
    rawPath: path,
    rawQueryString: "",
    headers: { host: "shop.example", authorization: `Bearer ${token}` },
    pathParameters,
    requestContext: {
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" },
      requestId: "cold",
      stage: "$default",
    },
    isBase64Encoded: false,
  };
}

function figuresOf({ zipped }: ColdFunction, starts: readonly ColdStart[]): Figures {
  const least = (of: (start: ColdStart) => number) => Math.min(...starts.map(of));
  const middle = (key: "memory" | "status") => median(starts.map((start) => start[key]));
  return {
    zippedKib: zipped / 1_024,
    init: least(({ init }) => init),
    first: least(({ first }) => first),
    answered: least(({ init, first }) => init + first),
    second: least(({ second }) => second),
    memory: middle("memory"),
    status: middle("status"),
  };
}

function report(
  figures: Readonly<Record<string, Readonly<Record<string, Figures>>>>,
  labels: readonly string[],
): string {
  const head = [
    "function",
    "zip, KiB",
    "init, ms of CPU",
    "first event",
    "both",
    "second",
    "memory, MB",
    "status",
  ];
  const rows = Object.entries(figures).map(([name, sides]) => {
    const cell = (show: (one: Figures) => string) =>
      labels.map((label) => (sides[label] === undefined ? "-" : show(sides[label]))).join(" → ");
    return [
      name,
      cell(({ zippedKib }) => zippedKib.toFixed(0)),
      cell(({ init }) => figure(init)),
      cell(({ first }) => figure(first)),
      cell(({ answered }) => figure(answered)),
      cell(({ second }) => figure(second)),
      cell(({ memory }) => memory.toFixed(0)),
      cell(({ status }) => String(status)),
    ];
  });
  return table(head, rows);
}
