import { createServer } from "node:http";
import { describe, expect, test } from "@jest/globals";
import AccountChecks, { concurrencyProblem } from "./account-checks.ts";
import type { AccountRequest } from "./aws-account.ts";

const never = () => Promise.reject(new Error("nothing is asked"));

describe("executions that are kept for functions", () => {
  const account =
    (limit: number) =>
    async ({ service, path }: AccountRequest) => {
      expect([service, path]).toEqual(["lambda", "/2016-08-19/account-settings/"]);
      return { status: 200, body: JSON.stringify({ AccountLimit: { ConcurrentExecutions: limit } }) };
    };

  test("are refused where fewer than 100 would be left, in a line with the figures", async () => {
    expect(await concurrencyProblem(40, account(1_000))).toEqual([]);
    expect(await concurrencyProblem(900, account(1_000))).toEqual([]);
    expect(await concurrencyProblem(901, account(1_000))).toEqual([
      expect.stringMatching(/^CALLBACK_CONCURRENCY and RELAY_CONCURRENCY keep 901 .* the account has 1000/),
    ]);
    expect(await concurrencyProblem(1, account(10))).toHaveLength(1);
  });

  test("are no question where none are kept, and no obstacle where the account does not say", async () => {
    expect(await concurrencyProblem(0, never)).toEqual([]);
    expect(await concurrencyProblem(5, async () => ({ status: 403, body: "{}" }))).toEqual([]);
  });
});

test("a deployment is refused before it begins, when the account can't keep them", async () => {
  const asked: string[] = [];
  const server = createServer((request, reply) => {
    asked.push(request.headers.authorization?.match(/Credential=a\/\d+\/(.*?)\/aws4_request/)?.[1] ?? "");
    reply.end('{"AccountLimit":{"ConcurrentExecutions":10}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Object(server.address());
  const before = process.env["AWS_ENDPOINT_URL"];
  process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${port}`;
  try {
    const provider = {
      getRegion: () => "eu-west-1",
      getAwsSdkV3Config: async () => ({
        credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b" }),
      }),
    };
    const { hooks } = new AccountChecks({
      classes: { Error },
      getProvider: () => provider,
      service: { functions: { a: { reservedConcurrency: 3 }, b: {} } },
    });
    await expect(hooks["before:deploy:deploy"]?.()).rejects.toThrow(/keep 3 executions/);
    expect(asked).toEqual(["eu-west-1/lambda"]);
  } finally {
    if (before === undefined) delete process.env["AWS_ENDPOINT_URL"];
    else process.env["AWS_ENDPOINT_URL"] = before;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
