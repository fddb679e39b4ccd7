import { createSocket, type Socket } from "node:dgram";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { dnsLookup } from "./name-lookup.ts";

const A = 1;
const HEAD_BYTES = 12;

/** A reply (RFC 1035, 4.1) to the question in `asked`: with `address` for A, else with none. */
function replyTo(asked: Buffer, address: string | undefined): Buffer {
  const end = asked.indexOf(0, HEAD_BYTES) + 5;
  const question = asked.subarray(HEAD_BYTES, end);
  const head = Buffer.from(asked.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(0x8180, 2);
  const given = address !== undefined && question.readUInt16BE(question.length - 4) === A;
  for (const [at, count] of [1, given ? 1 : 0, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * at);
  const answer = given
    ? [
        Buffer.from([0xc0, HEAD_BYTES, 0, A, 0, 1, 0, 0, 0, 60, 0, 4]),
        Buffer.from(address.split(".").map(Number)),
      ]
    : [];
  return Buffer.concat([head, question, ...answer]);
}

let server: Socket | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A name server: it knows `good.example`, and answers for `silent.example` when it is told to; `asked` are those questions. */
async function nameServer() {
  const socket = createSocket("udp4");
  server = socket;
  const asked: (() => void)[] = [];
  socket.on("message", (question, { port, address }) => {
    const name = question.toString("latin1", HEAD_BYTES).toLowerCase();
    const reply = replyTo(question, name.includes("good") ? "192.0.2.7" : undefined);
    const answer = () => socket.send(reply, port, address);
    if (name.includes("silent")) asked.push(answer);
    else answer();
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { asked, servers: [`127.0.0.1:${socket.address().port}`] };
}

type Found = LookupAddress[] | string;

const look = (lookup: ReturnType<typeof dnsLookup>, name: string): Promise<Found> =>
  new Promise((resolve) => {
    lookup(name, {}, (error, addresses) =>
      resolve(error === null ? addresses : "code" in error ? String(error.code) : error.message),
    );
  });

test("A name has its addresses, or says why not", async () => {
  const { servers } = await nameServer();
  const lookup = dnsLookup({ servers, timeout: 600_000 });
  expect(await look(lookup, "good.example")).toEqual([{ address: "192.0.2.7", family: 4 }]);
  expect(await look(lookup, "empty.example")).toBe("ENODATA");
});

test("Names whose server is silent keep no other name waiting, however many are asked for", async () => {
  const { servers, asked } = await nameServer();
  const lookup = dnsLookup({ servers, timeout: 600_000 });
  const names = Array.from({ length: 20 }, (_, no) => `h${no}.silent.example`);
  const found: Found[] = [];
  const all = names.map((name) => look(lookup, name).then((one) => found.push(one)));
  await until("both kinds of address are asked for", () => asked.length >= 2 * names.length);
  expect(await look(lookup, "good.example")).toEqual([{ address: "192.0.2.7", family: 4 }]);
  expect(found).toEqual([]);
  for (const answer of asked) answer();
  await Promise.all(all);
  expect(new Set(found)).toEqual(new Set(["ENODATA"]));
});

test("A name whose server is silent ends without an address", async () => {
  const { servers } = await nameServer();
  expect(await look(dnsLookup({ servers, timeout: 10 }), "h.silent.example")).toBe("ETIMEOUT");
});
