import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setTraffic } from "../observability/traffic.ts";
import { createDynamoClient, type DynamoClient, type DynamoClientOptions } from "./dynamo-client.ts";
import { dynamoTable } from "./dynamo-table.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";
import { frameServer, listening } from "./frames/test-server.ts";
import type { Item } from "./table.ts";

interface Exchange {
  reply(body: string, status?: number): void;
  /** Ends the connection. */
  drop(): void;
  /** Resolves when its connection is closed. */
  readonly closed: Promise<unknown>;
}
type Answer = (operation: string, input: { Item?: object }, exchange: Exchange) => void;

interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

async function httpDatabase(answer: Answer): Promise<TestDatabase> {
  const server: Server = createServer((request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).replace("DynamoDB_20120810.", "");
      answer(operation, JSON.parse(text), {
        reply: (body, status = 200) =>
          void response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body),
        drop: () => void response.destroy(),
        closed: once(response, "close"),
      });
    });
  });
  const url = await listening(server);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, close };
}

const frameDatabase = (answer: Answer): Promise<TestDatabase> =>
  frameServer(({ operation, body, reply, socket }) =>
    answer(operation, JSON.parse(body), {
      reply: (text, status = 200) => reply(text, String(status)),
      drop: () => void socket.destroy(),
      closed: once(socket, "close"),
    }),
  );

const WAYS = [
  { way: "DynamoDB by HTTP", embedded: false, start: httpDatabase },
  { way: "the embedded database by frames", embedded: true, start: frameDatabase },
  { way: "an embedded database without frames", embedded: true, start: httpDatabase },
];

describe.each(WAYS)("with $way,", ({ embedded, start }) => {
  let server: TestDatabase;
  let client: DynamoClient;
  let calls: string[];

  /** A database that answers as `answer` says; `calls` lists its operations. */
  async function databaseThat(answer: Answer, options?: DynamoClientOptions): Promise<DynamoClient> {
    calls = [];
    server = await start((operation, input, exchange) => {
      calls.push(operation);
      answer(operation, input, exchange);
    });
    return clientAt(server.url, options);
  }

  function clientAt(url: string, options?: DynamoClientOptions): DynamoClient {
    const keys = { region: "us-east-1", accessKeyId: "a", secretAccessKey: "b" };
    client = createDynamoClient({ url, ...keys, embedded }, options);
    return client;
  }

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  const refuse = ({ reply }: Exchange, status: number, type: string) =>
    reply(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "no" }), status);
  const item: Item = { id: "a", version: 1, schemaVersion: 1, doc: "{}", index: {} };

  describe("a write whose reply is lost", () => {
    /** Applies the first write, or loses it, and drops the connection; then behaves. */
    const losingTheFirstReply = (stored: { item?: object }, other?: object): Answer => {
      let first = true;
      return (operation, input, exchange) => {
        if (operation === "GetItem") return exchange.reply(JSON.stringify({ Item: stored.item }));
        if (first) {
          first = false;
          stored.item = other ?? input.Item ?? {};
          return exchange.drop();
        }
        return stored.item ? refuse(exchange, 400, "ConditionalCheckFailedException") : exchange.reply("{}");
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
      const database = await databaseThat((_operation, _input, exchange) => {
        answered += 1;
        if (answered === 1) refuse(exchange, status, type);
        else exchange.reply('{"ok":true}');
      });
      const { body } = await database.send("PutItem", {});
      expect(body).toEqual({ ok: true });
      expect(answered).toBe(2);
    });

    test("that is wrong is a fault at once, under the database's own name for it", async () => {
      const database = await databaseThat((_operation, _input, exchange) =>
        refuse(exchange, 400, "ResourceNotFoundException"),
      );
      const fault = await database.send("GetItem", {}).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(StorageFault);
      expect(fault).toMatchObject({ code: "storage_fault", reason: "ResourceNotFoundException" });
      expect(calls).toEqual(["GetItem"]);
    });

    test("that nothing answers ends as StorageUnavailable", async () => {
      await databaseThat(() => {});
      await client.close();
      await server.close();
      await expect(clientAt(server.url).send("GetItem", {})).rejects.toThrow(StorageUnavailable);
    });

    test("answered with something that is not DynamoDB's JSON ends as StorageUnavailable", async () => {
      const database = await databaseThat((_operation, _input, exchange) =>
        exchange.reply("<html>proxy</html>"),
      );
      await expect(database.send("GetItem", {})).rejects.toThrow(StorageUnavailable);
      expect(calls).toHaveLength(4);
    });
  });

  describe("where requests are counted", () => {
    let counted: (readonly [table: string, failed: boolean])[];

    beforeEach(() => {
      counted = [];
      setTraffic({
        served() {},
        called() {},
        asked(table, milliseconds, failed) {
          expect(milliseconds).toBeGreaterThan(0);
          counted.push([table, failed]);
        },
      });
    });
    afterEach(() => setTraffic(undefined));

    test.each([
      ["an answer", 200, "", false],
      ["a condition that does not hold", 400, "ConditionalCheckFailedException", false],
      ["a refusal", 400, "ResourceNotFoundException", true],
    ])("one with %s is, by its table", async (_, status, type, failed) => {
      const answer: Answer = (_operation, _input, exchange) =>
        status === 200 ? exchange.reply("{}") : refuse(exchange, status, type);
      const database = await databaseThat(answer, { isCounted: true });
      await database.send("PutItem", { TableName: "shop-orders" }).catch(() => {});
      expect(counted).toEqual([["shop-orders", failed]]);
    });

    test("one that is tried again is one", async () => {
      let tries = 0;
      const answer: Answer = (_operation, _input, exchange) => {
        tries += 1;
        if (tries === 1) refuse(exchange, 400, "ThrottlingException");
        else exchange.reply("{}");
      };
      const database = await databaseThat(answer, { isCounted: true });
      await database.send("GetItem", { TableName: "shop-orders" });
      expect(counted).toEqual([["shop-orders", false]]);
    });

    test("one that nobody waits for any more has failed", async () => {
      const caller = new AbortController();
      const database = await databaseThat(() => caller.abort(new Error("gone")), { isCounted: true });
      const sent = database.send("Query", { TableName: "shop-orders" }, caller.signal);
      await expect(sent).rejects.toThrow("gone");
      expect(counted).toEqual([["shop-orders", true]]);
    });

    test("one of no table, or of a client that does not say so, is not", async () => {
      const answer: Answer = (_operation, _input, exchange) => exchange.reply("{}");
      const database = await databaseThat(answer, { isCounted: true });
      await database.send("ListTables", {});
      const other = createDynamoClient({ url: server.url, region: "", accessKeyId: "", secretAccessKey: "" });
      await other.send("GetItem", { TableName: "shop-orders" }).catch(() => {});
      await other.close();
      expect(counted).toEqual([]);
    });
  });

  describe("a read that nobody waits for any more", () => {
    test("ends at once and is not tried again", async () => {
      const caller = new AbortController();
      const database = await databaseThat(() => caller.abort(new Error("gone")));
      await expect(database.send("Query", {}, caller.signal)).rejects.toThrow("gone");
      expect(calls).toEqual(["Query"]);
    });

    test("is not begun", async () => {
      const database = await databaseThat((_, __, exchange) => exchange.reply("{}"));
      await expect(database.send("Query", {}, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
      expect(calls).toEqual([]);
    });

    test("does not wait for its next try", async () => {
      const caller = new AbortController();
      const database = await databaseThat((_, __, exchange) => {
        refuse(exchange, 400, "ThrottlingException");
        setImmediate(() => caller.abort(new Error("gone")));
      });
      await expect(database.send("Query", {}, caller.signal)).rejects.toThrow("gone");
    });
  });
});

test("a read by HTTP that nobody waits for any more breaks off what the database does for it", async () => {
  const caller = new AbortController();
  const { promise: closed, resolve } = Promise.withResolvers<unknown>();
  const server = await httpDatabase((_, __, exchange) => {
    resolve(exchange.closed);
    caller.abort(new Error("gone"));
  });
  const client = createDynamoClient({ url: server.url, region: "", accessKeyId: "", secretAccessKey: "" });
  await expect(client.send("Query", {}, caller.signal)).rejects.toThrow("gone");
  await closed;
  await client.close();
  await server.close();
});
