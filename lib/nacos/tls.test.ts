// NACOS_SERVER=https://…: encrypted, checked, and never in clear.

import { createServer as createPlainServer, type Server as PlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { type Certificate, makeAuthority, makeCertificate } from "../../tests/support/certificates.ts";
import { portOf } from "../../tests/support/free-ports.ts";
import { NacosTransport, type NacosTransportOptions } from "./transport.ts";

const LIST = "/nacos/v1/ns/instance/list";
const authority = makeAuthority();
const other = makeAuthority("Another authority");
const good = makeCertificate("registry", { names: ["127.0.0.1", "localhost"], issuer: authority });

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** A registry over TLS that notes what reaches it. */
async function registry(certificate: Certificate, location?: string) {
  const seen: string[] = [];
  const server = createServer(certificate, async (request, response) => {
    seen.push(`${request.method} ${request.url} ${await text(request)}`);
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    const login = request.url?.includes("login") === true;
    response.end(login ? JSON.stringify({ accessToken: "t1", tokenTtl: 100 }) : "ok");
  });
  return { port: await listening(server), seen };
}

async function listening(server: Server | PlainServer) {
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return portOf(server);
}

function transportTo(server: string, rest: Partial<NacosTransportOptions> = {}): NacosTransport {
  const transport = new NacosTransport({ server, log: pino({ level: "silent" }), ...rest });
  closing.push(() => transport.close());
  return transport;
}

describe("a registry over TLS", () => {
  test.each(["127.0.0.1", "localhost"])(
    "is used as %s when its certificate is signed by NACOS_CA",
    async (host) => {
      const { port, seen } = await registry(good);
      const account = { username: "nacos", password: "p4ss" };
      const transport = transportTo(`https://${host}:${port}`, { ca: authority.cert, ...account });
      expect(await transport.call("GET", LIST, { serviceName: "x" })).toMatchObject({
        status: 200,
        data: "ok",
      });
      expect(seen).toEqual([
        "POST /nacos/v3/auth/user/login? username=nacos&password=p4ss".replace("?", ""),
        `GET ${LIST}?serviceName=x&accessToken=t1 `,
      ]);
      expect(transport.server).toBe(`https://${host}:${port}`);
    },
  );

  test.each([
    [
      "of nobody's",
      makeCertificate("registry", { names: ["127.0.0.1"] }),
      /not signed by an authority .* NACOS_CA/,
    ],
    [
      "of another authority",
      makeCertificate("r", { names: ["127.0.0.1"], issuer: other }),
      /not signed by .* NACOS_CA/,
    ],
    [
      "for another name",
      makeCertificate("r", { names: ["nacos.example"], issuer: authority }),
      /other names .*DNS:nacos\.example/,
    ],
    [
      "that has expired",
      makeCertificate("r", {
        names: ["127.0.0.1"],
        issuer: authority,
        from: new Date(0),
        until: new Date(1),
      }),
      /has expired/,
    ],
  ])(
    "with a certificate %s gets nothing, not even with NODE_TLS_REJECT_UNAUTHORIZED=0",
    async (_, certificate, why) => {
      const { port, seen } = await registry(certificate);
      const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      try {
        const transport = transportTo(`https://127.0.0.1:${port}`, {
          ca: authority.cert,
          username: "u",
          password: "p",
        });
        await expect(transport.call("GET", LIST, {})).rejects.toMatchObject({
          code: "registry_unavailable",
          message: expect.stringMatching(why),
        });
      } finally {
        if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      }
      expect(seen).toEqual([]);
    },
  );

  test("is not trusted for being there: without NACOS_CA the machine's authorities count", async () => {
    const { port, seen } = await registry(good);
    const transport = transportTo(`https://127.0.0.1:${port}`);
    await expect(transport.call("GET", LIST, {})).rejects.toThrow(/not signed by an authority/);
    expect(seen).toEqual([]);
  });

  test("that does not support TLS is sent a TLS greeting and nothing in clear", async () => {
    const received: Buffer[] = [];
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (part) => {
        received.push(part);
        socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => void server.close());
    const account = { username: "nacos", password: "s3cret" };
    const transport = transportTo(`https://127.0.0.1:${portOf(server)}`, account);
    await expect(transport.call("GET", LIST, {})).rejects.toThrow(/does not support TLS/);
    const all = Buffer.concat(received);
    expect(all[0]).toBe(0x16);
    expect(all.includes("s3cret") || all.includes("nacos")).toBe(false);
  });

  test("that redirects to clear text is refused, and the address it names is not called", async () => {
    let requests = 0;
    const plain = createPlainServer((_, response) => {
      requests += 1;
      response.end("ok");
    });
    const clear = `http://127.0.0.1:${await listening(plain)}${LIST}`;
    const { port } = await registry(good, clear);
    const transport = transportTo(`https://127.0.0.1:${port}`, { ca: authority.cert });
    await expect(transport.call("GET", LIST, {})).rejects.toMatchObject({
      code: "registry_refused",
      status: 302,
    });
    expect(requests).toBe(0);
  });

  test("that gets a request without TLS: the error says what is missing", async () => {
    const { port, seen } = await registry(good);
    const transport = transportTo(`127.0.0.1:${port}`);
    await expect(transport.call("GET", LIST, {})).rejects.toMatchObject({ code: "registry_unavailable" });
    expect(seen).toEqual([]);
  });
});
