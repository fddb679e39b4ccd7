// Lambda's Runtime API for one function at a time (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).

import { createServer, type ServerResponse } from "node:http";
import { listen } from "../../tests/support/free-ports.ts";

export interface Answer {
  /** What the function returned. */
  readonly result: unknown;
  /** Milliseconds of CPU time that its process had used then. */
  readonly cpu: number;
}

export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /**
   * Resolves when the function asks for its next event, with the CPU time that its process has used, in milliseconds; rejects when it
   * could not be loaded.
   */
  asked(): Promise<number>;
  /** Gives `event` to the function, which has asked. @throws the error that it reports. */
  invoke(event: unknown): Promise<Answer>;
  close(): void;
}

/** Starts it on a free port. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  let asks = Promise.withResolvers<number>();
  let answers = Promise.withResolvers<Answer>();
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    const cpu = Number(request.headers["x-cpu-microseconds"]) / 1_000;
    if (path === "invocation/next") {
      waiting = response;
      return asks.resolve(cpu);
    }
    let body = "";
    for await (const part of request) body += part;
    response.writeHead(202).end();
    if (path === "init/error") return asks.reject(new Error(body));
    if (path.endsWith("/response")) return answers.resolve({ result: JSON.parse(body), cpu });
    return answers.reject(new Error(body));
  });
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    asked: () => asks.promise,
    invoke(event) {
      asks = Promise.withResolvers();
      answers = Promise.withResolvers();
      waiting?.writeHead(200, { "lambda-runtime-aws-request-id": "1" });
      waiting?.end(JSON.stringify(event));
      return answers.promise;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
