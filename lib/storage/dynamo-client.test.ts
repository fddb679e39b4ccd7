import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { createDynamoClient, type DynamoClient } from "./dynamo-client.ts";
import { dynamoTable } from "./dynamo-table.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";
import type { Item } from "./table.ts";

type Answer = (operation: string, input: { Item?: object }, reply: ServerResponse) => void;

let server: Server;
let client: DynamoClient;
let calls: string[];

/** A database that answers as `answer` says; `calls` lists its operations. */
async function databaseThat(answer: Answer): Promise<DynamoClient> {
  calls = [];
  server = createServer((request, reply) => {
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).replace("DynamoDB_20120810.", "");
      calls.push(operation);
      answer(operation, JSON.parse(text), reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return clientAt(portOf(server));
}

function clientAt(port: number): DynamoClient {
  const url = `http://127.0.0.1:${port}`;
  client = createDynamoClient({ url, region: "us-east-1", accessKeyId: "a", secretAccessKey: "b" });
  return client;
}

afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const refuse = (reply: ServerResponse, status: number, type: string) => {
  reply.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  reply.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "no" }));
};
const item: Item = { id: "a", version: 1, schemaVersion: 1, doc: "{}", index: {} };

describe("a write whose reply is lost", () => {
  /** Applies the first write, or loses it, and drops the connection; then behaves. */
  const losingTheFirstReply = (stored: { item?: object }, other?: object): Answer => {
    let first = true;
    return (operation, input, reply) => {
      if (operation === "GetItem") return void reply.end(JSON.stringify({ Item: stored.item }));
      if (first) {
        first = false;
        stored.item = other ?? input.Item ?? {};
        return void reply.destroy();
      }
      return stored.item ? refuse(reply, 400, "ConditionalCheckFailedException") : void reply.end("{}");
    };
  };

  test("counts as done when it was this very write that is there", async () => {
    const database = await databaseThat(losingTheFirstReply({}));
    expect(await dynamoTable(database, "t").put(item, 0)).toBe(true);
    expect(calls).toEqual(["PutItem", "PutItem", "GetItem"]);
  });

  test("counts as refused when another's write is there", async () => {
    const another = {
      id: { S: "a" },
      version: { N: "1" },
      schema_version: { N: "1" },
      doc: { S: '"another"' },
    };
    const database = await databaseThat(losingTheFirstReply({}, another));
    expect(await dynamoTable(database, "t").put(item, 0)).toBe(false);
  });
});

describe("a request", () => {
  test.each([
    [400, "ThrottlingException"],
    [400, "ProvisionedThroughputExceededException"],
    [500, "InternalServerError"],
    [503, "AnythingElse"],
  ])("is tried again after %p %s", async (status, type) => {
    let answered = 0;
    const database = await databaseThat((_operation, _input, reply) => {
      answered += 1;
      if (answered === 1) refuse(reply, status, type);
      else reply.end('{"ok":true}');
    });
    const { body } = await database.send("PutItem", {});
    expect(body).toEqual({ ok: true });
    expect(answered).toBe(2);
  });

  test("that is wrong is a fault at once, under the database's own name for it", async () => {
    const database = await databaseThat((_operation, _input, reply) =>
      refuse(reply, 400, "ResourceNotFoundException"),
    );
    const fault = await database.send("GetItem", {}).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StorageFault);
    expect(fault).toMatchObject({ code: "storage_fault", reason: "ResourceNotFoundException" });
    expect(calls).toEqual(["GetItem"]);
  });

  test("that nothing answers ends as StorageUnavailable", async () => {
    await databaseThat(() => {});
    const port = portOf(server);
    await client.close();
    await new Promise((resolve) => server.close(resolve));
    await expect(clientAt(port).send("GetItem", {})).rejects.toThrow(StorageUnavailable);
  });

  test("answered with something that is not DynamoDB's JSON ends as StorageUnavailable", async () => {
    const database = await databaseThat((_operation, _input, reply) => void reply.end("<html>proxy</html>"));
    await expect(database.send("GetItem", {})).rejects.toThrow(StorageUnavailable);
    expect(calls).toHaveLength(4);
  });
});

function portOf(listening: Server): number {
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

describe("a read that nobody waits for any more", () => {
  test("ends at once, is not tried again, and what the database does for it is broken off", async () => {
    const broken = Promise.withResolvers<void>();
    const caller = new AbortController();
    const database = await databaseThat((_, __, reply) => {
      reply.on("close", broken.resolve);
      caller.abort(new Error("gone"));
    });
    await expect(database.send("Query", {}, caller.signal)).rejects.toThrow("gone");
    await broken.promise;
    expect(calls).toEqual(["Query"]);
  });

  test("is not begun", async () => {
    const database = await databaseThat((_, __, reply) => void reply.end("{}"));
    await expect(database.send("Query", {}, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(calls).toEqual([]);
  });

  test("does not wait for its next try", async () => {
    const caller = new AbortController();
    const database = await databaseThat((_, __, reply) => {
      refuse(reply, 400, "ThrottlingException");
      setImmediate(() => caller.abort(new Error("gone")));
    });
    await expect(database.send("Query", {}, caller.signal)).rejects.toThrow("gone");
  });
});
