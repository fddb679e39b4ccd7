import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setImmediate as otherWork } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { keepBodies, requestBody, withExchange } from "./exchange.ts";

type Server = ReturnType<typeof createServer>;
type Step = Parameters<Parameters<typeof keepBodies>[0]["ext"]>[1];

/** What hapi and serverless-offline do with a request, as far as it matters here: read the body, take the step, invoke. */
function answering(): Server {
  const steps: Step[] = [];
  keepBodies({ ext: (_event, step) => void steps.push(step) });
  const toolkit = { continue: Symbol("continue") };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const taken: { payload: unknown } = { payload: chunks.length > 0 ? Buffer.concat(chunks) : null };
    for (const step of steps) step(taken, toolkit);
    await otherWork();
    response.setHeader("x-left-to-read", taken.payload === null ? "nothing" : "something");
    response.end(requestBody()?.toString("base64"));
  }
  return createServer(withExchange((request, response) => void answer(request, response)));
}

let server: Server;
let url: string;
beforeAll(async () => {
  server = answering();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
});
afterAll(() => {
  server.close();
});

async function echoed(body: Buffer | undefined): Promise<{ body: Buffer; leftToRead: string | null }> {
  const reply = await fetch(url, { method: "POST", ...(body === undefined ? {} : { body }) });
  return { body: Buffer.from(await reply.text(), "base64"), leftToRead: reply.headers.get("x-left-to-read") };
}

test.each([
  ["text", Buffer.from('{"name":"张三"}')],
  ["JSON that is a text", Buffer.from('"{}"')],
  ["JSON that is null", Buffer.from("null")],
  ["GBK", Buffer.from([0xd5, 0xc5, 0xc8, 0xfd])],
  ["every byte there is", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
])("a body comes to its function as it was sent, and nobody reads it before: %s", async (_, sent) => {
  const { body, leftToRead } = await echoed(sent);
  expect(body).toEqual(sent);
  expect(leftToRead).toBe("nothing");
});

test("requests at the same time keep their own bodies", async () => {
  const sent = Array.from({ length: 50 }, (_, at) => (at % 5 === 0 ? undefined : Buffer.from(`body ${at}`)));
  const replies = await Promise.all(sent.map(echoed));
  expect(replies.map(({ body }) => body)).toEqual(sent.map((body) => body ?? Buffer.alloc(0)));
});

test("outside of a request there is none", () => {
  expect(requestBody()).toBeUndefined();
});
