import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { createOutgoing, mayBeCalled, type OutgoingRequest } from "./outgoing.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

/** The URL of a receiver that answers by `answer`. */
async function receiver(answer: RequestListener): Promise<URL> {
  return listening(createServer(answer));
}

async function listening(server: Server): Promise<URL> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  return new URL(`http://127.0.0.1:${address.port}/hook`);
}

const post = (url: URL, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  url,
  method: "POST",
  headers: { "content-type": "text/plain" },
  body: "hello",
  timeoutMs: 60_000,
  ...more,
});

const anywhere = createOutgoing({ anywhere: true });
const guarded = createOutgoing({ anywhere: false });

describe("A request to an address that a user named", () => {
  test("sends the body, and returns status, headers and the first bytes of the reply", async () => {
    let got = "";
    const url = await receiver(async (request, response) => {
      for await (const chunk of request) got += chunk;
      response.writeHead(429, { "retry-after": "7" }).end("a long reply");
    });
    const reply = await anywhere(post(url, { replyBytes: 6 }));
    expect([got, reply.status, reply.headers["retry-after"], String(reply.body)]).toEqual([
      "hello",
      429,
      "7",
      "a long",
    ]);
  });

  test("does not wait for the end of a reply that goes on and on", async () => {
    const url = await receiver((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536))) {}
      };
      response.on("drain", more);
      more();
    });
    expect((await anywhere(post(url, { replyBytes: 10 }))).body).toHaveLength(10);
  });

  test("has ended when the receiver changes to another protocol: that is a status, and the connection is closed", async () => {
    let closed = false;
    const server = createTcpServer((socket) => {
      socket.on("close", () => {
        closed = true;
      });
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      });
      socket.on("error", () => {});
    });
    const reply = await anywhere(post(await listening(server), { replyBytes: 10 }));
    expect([reply.status, reply.body.length]).toEqual([101, 0]);
    await until("the connection is closed", () => closed);
  });

  test("is made once more where the connection that it would reuse has ended meanwhile", async () => {
    const connections: number[] = [];
    const url = await listening(
      createTcpServer((socket) => {
        const no = connections.push(0) - 1;
        socket.on("error", () => {});
        socket.on("data", (data) => {
          if (!String(data).endsWith("hello")) return;
          connections[no] = (connections[no] ?? 0) + 1;
          // A second request on one connection comes too late: it ends without a reply.
          if (connections[no] > 1) socket.resetAndDestroy();
          else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
      }),
    );
    const client = createOutgoing({ anywhere: true });
    for (const _ of [1, 2]) expect((await client(post(url))).status).toBe(200);
    expect(connections).toEqual([2, 1]);
  });

  test("is made once where a new connection ends without a reply", async () => {
    let asked = 0;
    const url = await listening(
      createTcpServer((socket) => {
        asked += 1;
        socket.on("error", () => {});
        socket.once("data", () => socket.resetAndDestroy());
      }),
    );
    const client = createOutgoing({ anywhere: true });
    await expect(client(post(url))).rejects.toMatchObject({ reason: "ECONNRESET" });
    expect(asked).toBe(1);
  });

  test("waits for the connections of its own line alone", async () => {
    const slow: ServerResponse[] = [];
    const url = await receiver((request, response) => {
      if (request.headers["x-slow"] === undefined) response.end();
      else slow.push(response);
    });
    const client = createOutgoing({ anywhere: true, connections: 1 });
    const others = [1, 2].map(() => client(post(url, { line: "slow", headers: { "x-slow": "yes" } })));
    await until("one is on its way", () => slow.length > 0);
    expect((await client(post(url, { line: "quick" }))).status).toBe(200);
    expect(slow).toHaveLength(1);
    slow[0]?.end();
    await until("the other one is on its way", () => slow.length > 1);
    slow[1]?.end();
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test("follows no redirect", async () => {
    let asked = 0;
    const url = await receiver((_, response) => {
      asked += 1;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await anywhere(post(url))).status).toBe(302);
    expect(asked).toBe(1);
  });

  test("ends at its time limit, and says so", async () => {
    const url = await listening(createTcpServer(() => {}));
    await expect(anywhere(post(url, { timeoutMs: 20 }))).rejects.toMatchObject({ reason: "timeout" });
  });

  test("says why there is no reply, without the address", async () => {
    const url = await receiver(() => {});
    await new Promise((closed) => void servers.pop()?.close(closed));
    const failure = await anywhere(post(url)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "ECONNREFUSED", message: "There was no reply: ECONNREFUSED" });
  });

  test.each([
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/",
    "http://8.8.8.8/",
    "https://a:b@8.8.8.8/",
  ])("is not made to %s outside a developer's machine", async (text) => {
    await expect(guarded(post(new URL(text)))).rejects.toMatchObject({ reason: "address_refused" });
  });

  test("is not made to a name that stands for an address of this machine", async () => {
    await expect(guarded(post(new URL("https://localhost/")))).rejects.toMatchObject({
      reason: "address_refused",
    });
  });
});

test("What the text of a URL says is checked before anything is resolved", () => {
  expect(mayBeCalled(new URL("https://push.example/x"), false)).toBe(true);
  expect(mayBeCalled(new URL("https://[fe80::1]/"), false)).toBe(false);
  expect(mayBeCalled(new URL("http://127.0.0.1:1/"), true)).toBe(true);
  expect(mayBeCalled(new URL("ftp://127.0.0.1:1/"), true)).toBe(false);
});
