import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { PushReceiver } from "./push-receiver.ts";

const NAME = "DEFAULT_GROUP@@OrderService";
let receiver: PushReceiver;
let hints: number;
const senders: Socket[] = [];

beforeEach(async () => {
  receiver = await PushReceiver.open({ host: "127.0.0.1", port: 8848 });
  hints = 0;
  receiver.onChange(NAME, () => {
    hints += 1;
  });
});

afterEach(() => {
  receiver.close();
  for (const sender of senders.splice(0)) sender.close();
});

const push = (changes: object = {}) =>
  JSON.stringify({
    type: "dom",
    lastRefTime: 7,
    data: JSON.stringify({ name: NAME, hosts: [] }),
    ...changes,
  });

async function sender(address = "127.0.0.1") {
  const socket = createSocket("udp4");
  senders.push(socket);
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

const send = (socket: Socket, message: string | Buffer) =>
  new Promise((resolve) => socket.send(message, receiver.port, receiver.address, resolve));

/** Sends a push that is well after what may be ignored, so that the answer to it shows that nothing came of the others. */
async function answersAfter(socket: Socket, ...messages: readonly (string | Buffer)[]) {
  const answers: string[] = [];
  socket.on("message", (message) => answers.push(String(message)));
  for (const message of messages) await send(socket, message);
  const last = await sender();
  const done = once(last, "message");
  await send(last, push());
  await done;
  return answers;
}

test("listens on the one address from which the server is reached", () => {
  expect(receiver.address).toBe("127.0.0.1");
  expect(receiver.port).toBeGreaterThan(0);
});

test.each([
  ["as it is", push()],
  ["compressed", gzipSync(push())],
])("a push, %s, is a hint and is acknowledged", async (_, message) => {
  const registry = await sender();
  const answered = once(registry, "message");
  await send(registry, message);
  const [answer] = await answered;
  expect(JSON.parse(String(answer))).toEqual({ type: "push-ack", lastRefTime: 7, data: "" });
  expect(hints).toBe(1);
});

describe("nothing comes of", () => {
  test("a push of somebody else", async () => {
    expect(await answersAfter(await sender("127.0.0.2"), push(), gzipSync(push()))).toEqual([]);
    expect(hints).toBe(1);
  });

  test.each<[string, string | Buffer]>([
    ["no JSON", "{"],
    ["something else than a push", push({ type: "dump" })],
    ["a push without a list", push({ data: 3 })],
    ["what says that it is compressed and is not", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    [
      "what unpacks to a thousand times its size",
      gzipSync(push({ pad: "A".repeat(40 << 20) }), { level: 9 }),
    ],
  ])("%s", async (_, message) => {
    expect(await answersAfter(await sender(), message)).toEqual([]);
    expect(hints).toBe(1);
  });

  test("a push about a service that nobody watches", async () => {
    const message = push({ data: JSON.stringify({ name: "DEFAULT_GROUP@@Other", hosts: [] }) });
    await answersAfter(await sender(), message);
    expect(hints).toBe(1);
  });
});
