// An account of AWS as `serverless deploy` asks it before it changes anything: a stand-in that writes down what it is asked, and that
// refuses the first change.

import { createServer, type IncomingMessage } from "node:http";
import { listen } from "../../support/free-ports.ts";

export interface AccountState {
  /** Functions' executions at once that the account has. */
  readonly executions?: number;
  /** What DescribeTable answers of a table; undefined where it is not there. */
  readonly tableOf?: (name: string) => object | undefined;
}

/** One call: the name of its operation, and its parameters. */
interface Call {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a deployment is told that asks for a change. */
export const NO_CHANGES = "This account takes no changes.";

export async function startAccount({ executions = 1_000, tableOf = () => undefined }: AccountState = {}) {
  const calls: Call[] = [];
  const answer = ({ operation, parameters }: Call): readonly [status: number, body: string] => {
    if (operation.includes("account-settings"))
      return [200, JSON.stringify({ AccountLimit: { ConcurrentExecutions: executions } })];
    if (operation === "DescribeTable") {
      const Table = tableOf(String(parameters["TableName"]));
      return Table === undefined
        ? [400, JSON.stringify({ __type: "com.amazonaws.dynamodb#ResourceNotFoundException" })]
        : [200, JSON.stringify({ Table })];
    }
    const message = operation === "DescribeStacks" ? "Stack does not exist" : NO_CHANGES;
    return [400, refusal(message)];
  };
  const server = createServer(async (request, reply) => {
    const call = callOf(request, await bodyOf(request));
    calls.push(call);
    const [status, body] = answer(call);
    reply
      .writeHead(status, { "content-type": body.startsWith("<") ? "text/xml" : "application/json" })
      .end(body);
  });
  const port = await listen(server);
  return {
    calls,
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "us-east-1",
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const refusal = (message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** APIs have their operation in a header, or as a field of a form, or in the path. */
function callOf({ method, url = "", headers }: IncomingMessage, body: string): Call {
  const [, target] = String(headers["x-amz-target"] ?? "").split(".");
  if (target !== undefined) return { operation: target, parameters: JSON.parse(body) };
  const form = Object.fromEntries(new URLSearchParams(body));
  return { operation: form["Action"] ?? `${method} ${url}`, parameters: form };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}
