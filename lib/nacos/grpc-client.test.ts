import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { listen } from "../../tests/support/free-ports.ts";
import { eventually } from "../../tests/support/poll.ts";
import { type Script, ScriptedNacos, succeeded, willing } from "../../tests/support/scripted-nacos.ts";
import { silentLog as log } from "../../tests/support/silent-log.ts";
import { nacosAddress } from "./address.ts";
import { frame } from "./grpc/frames.ts";
import { GRPC_PORT_OFFSET } from "./grpc/methods.ts";
import { encodePayload, payload } from "./grpc/payload.ts";
import { GrpcClient } from "./grpc-client.ts";

let server: ScriptedNacos;
let client: GrpcClient;
/** Tokens that logins give, in turn; the last one again and again. */
let tokens: string[];
let token: string | undefined;

const connect = (to = server.address): GrpcClient => {
  const address = nacosAddress(to);
  const transport = {
    address,
    server: address.text,
    ca: undefined,
    answerWithinMs: 2_000,
    async accessToken() {
      token ??= tokens.length > 1 ? tokens.shift() : tokens[0];
      return token;
    },
    forgetToken(refused: string | undefined) {
      if (token === refused) token = undefined;
      return refused !== undefined;
    },
  };
  client = new GrpcClient({ transport, namespace: "public", module: "naming", log });
  return client;
};
const ask = () => client.request("InstanceRequest", { a: 1 });
const failing = { code: "registry_unavailable" };

beforeEach(async () => {
  tokens = [];
  token = undefined;
  server = await ScriptedNacos.start();
});
afterEach(async () => {
  client?.close();
  await server.close();
});

describe("a connection", () => {
  test("is made by the first request, and used by all", async () => {
    connect();
    expect(server.connections).toBe(0);
    const answers = await Promise.all([ask(), ask(), client.connected()]);
    expect(answers).toMatchObject([{ success: true }, { success: true }, 1]);
    expect(server.connections).toBe(1);
    const setup = server.received.find(({ type }) => type === "ConnectionSetupRequest");
    expect(setup?.fields).toMatchObject({ tenant: "public", labels: { source: "sdk", module: "naming" } });
  });

  test("is ready when a server that does not acknowledge it says that it knows it", async () => {
    server.acknowledges = false;
    let checks = 0;
    server.script = (request) => {
      if (request.type === "ServerCheckRequest") return succeeded(request.type);
      if (request.type !== "HealthCheckRequest") return willing(request);
      checks += 1;
      return checks > 2
        ? succeeded(request.type)
        : { type: "ErrorResponse", fields: { resultCode: 500, errorCode: 301, success: false } };
    };
    connect();
    expect(await ask()).toMatchObject({ success: true });
    expect(checks).toBe(3);
  });

  test("is made again when it was lost, and who registered something by it is told", async () => {
    connect();
    let restored = 0;
    client.onReady(async () => {
      restored += 1;
    });
    expect(await client.connected()).toBe(1);
    await server.close();
    await eventually(() => expect(client.reachable()).toBe(false));
    await expect(ask()).rejects.toMatchObject(failing);
    await server.listen();
    await eventually(async () => expect(await client.connected()).toBe(2));
    expect(restored).toBe(2);
    expect(client.reachable()).toBe(true);
  });

  test("that nobody answers is tried again in the background, until it is closed", async () => {
    await server.close();
    connect();
    await expect(ask()).rejects.toMatchObject({
      ...failing,
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(client.reachable()).toBe(false);
    await server.listen();
    await eventually(() => expect(client.reachable()).toBe(true));
    client.close();
    await eventually(() => expect(server.open).toBe(0));
    await expect(ask()).rejects.toMatchObject(failing);
    expect(server.connections).toBe(1);
  });

  test("for the choice of an API is tried once, because another is used then; a request tries again", async () => {
    await server.close();
    const attempts = [0, 0];
    const counting = (index: number) =>
      createServer((socket) => {
        attempts[index] = (attempts[index] ?? 0) + 1;
        socket.destroy();
      });
    const [chosen, used] = [counting(0), counting(1)];
    const at = async (port: typeof chosen) => `127.0.0.1:${(await listen(port)) - GRPC_PORT_OFFSET}`;
    const choosing = connect(await at(chosen));
    await expect(choosing.connect()).rejects.toMatchObject(failing);
    const user = connect(await at(used));
    await expect(user.connected()).rejects.toMatchObject(failing);
    await eventually(() => expect(attempts[1]).toBeGreaterThanOrEqual(4));
    expect(attempts[0]).toBe(1);
    await expect(choosing.connected()).rejects.toMatchObject(failing);
    await eventually(() => expect(attempts[0]).toBeGreaterThanOrEqual(3));
    choosing.close();
    for (const each of [chosen, used]) each.close();
  });

  test("that would need a port above the highest fails, and says so", async () => {
    await expect(connect("127.0.0.1:65000").connected()).rejects.toMatchObject({
      ...failing,
      message: expect.stringContaining("66000"),
    });
  });

  test("to a port that accepts and does not answer fails in time", async () => {
    await server.close();
    const mute = createServer((socket) => void socket.on("error", () => {}).resume());
    await listen(mute, server.port + GRPC_PORT_OFFSET);
    connect();
    await expect(ask()).rejects.toMatchObject({ ...failing, message: expect.stringContaining("in time") });
    client.close();
    await new Promise((resolve) => mute.close(resolve));
  });

  test("to what is no HTTP/2 server fails", async () => {
    await server.close();
    const rude = createServer(
      (socket) =>
        void socket
          .on("error", () => {})
          .resume()
          .end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    await listen(rude, server.port + GRPC_PORT_OFFSET);
    connect();
    await expect(ask()).rejects.toMatchObject(failing);
    client.close();
    await new Promise((resolve) => rude.close(resolve));
  });

  test("is left for another one when the server asks for that, and ends when that is ready", async () => {
    connect();
    const open: number[] = [];
    client.onReady(async () => void open.push(server.open));
    await ask();
    server.push("ConnectResetRequest", { requestId: "1", serverIp: "10.0.0.1", serverPort: "8848" });
    await eventually(async () => expect(await client.connected()).toBe(2));
    expect(server.types).toContain("ConnectResetResponse");
    await eventually(() => expect(server.open).toBe(1));
    server.goAway();
    await eventually(async () => expect(await client.connected()).toBe(3));
    await eventually(() => expect(server.open).toBe(1));
    expect(open).toEqual([1, 2, 2]);
    expect(await ask()).toMatchObject({ success: true });
  });

  test("ends with its stream, and when the server no longer knows it", async () => {
    connect();
    await ask();
    server.endStreams();
    await eventually(async () => expect(await client.connected()).toBe(2));
    server.script = ({ type }) =>
      type === "InstanceRequest"
        ? { type: "ErrorResponse", fields: { resultCode: 500, errorCode: 301, success: false } }
        : willing({ type, headers: new Map(), fields: {} });
    await expect(ask()).rejects.toMatchObject(failing);
    await eventually(async () => expect(await client.connected()).toBe(3));
  });

  test("does not keep the process alive, nor does a server that is away", async () => {
    await runs(`
      import { NacosTransport } from "./lib/nacos/transport.ts";
      import { GrpcClient } from "./lib/nacos/grpc-client.ts";
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      for (const server of ["${server.address}", "127.0.0.1:9"]) {
        const client = new GrpcClient({ transport: new NacosTransport({ server, log, answerWithinMs: 60_000 }), namespace: "public", module: "naming", log });
        await client.request("InstanceRequest", {}).catch(() => {});
      }`);
    expect(server.types).toEqual(["InstanceRequest"]);
  });

  test("leaves nothing behind when its registry is closed, which ends the process", async () => {
    await runs(`
      import { createRegistry } from "./lib/discovery/registry/create-registry.ts";
      import { loadConfig } from "./lib/config/env.ts";
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const registry = createRegistry(loadConfig({ NACOS_SERVER: "${server.address}", NACOS_API: "grpc" }), log);
      registry.watch("PaymentService", () => {});
      await registry.register({ service: "OrderService", host: "127.0.0.1", port: 1, weight: 1, metadata: {} });
      await registry.close();`);
    const actions = server.received.map(({ fields }) => fields["type"]);
    expect(actions).toEqual(expect.arrayContaining(["registerInstance", "deregisterInstance"]));
    await eventually(() => expect(server.open).toBe(0));
  });

  /** Runs a program in a process of its own until that ends by itself. */
  async function runs(program: string): Promise<void> {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      cwd: new URL("../..", import.meta.url),
      stdio: "inherit",
    });
    const [status] = await once(child, "exit");
    expect(status).toBe(0);
  }
});

describe("a server that does not answer", () => {
  const silent: Script = () => undefined;

  test("is unreachable until it answers again; the connection stays, and with it what was registered", async () => {
    connect();
    let ready = 0;
    client.onReady(async () => {
      ready += 1;
    });
    await ask();
    server.script = silent;
    await expect(ask()).rejects.toMatchObject({ ...failing, message: expect.stringContaining("in time") });
    expect(client.reachable()).toBe(false);
    await expect(ask()).rejects.toMatchObject(failing);
    server.script = willing;
    await eventually(() => expect(client.reachable()).toBe(true));
    await eventually(() => expect(ready).toBe(2));
    expect(await ask()).toMatchObject({ success: true });
    await eventually(() => expect(server.open).toBe(1));
  });

  test("is noticed without any request, and replaced when another one answers at its address", async () => {
    const mute = new ScriptedPort();
    await mute.before(server);
    connect(mute.address);
    await ask();
    mute.cut();
    await eventually(async () => expect(await client.connected()).toBe(2));
    expect(await ask()).toMatchObject({ success: true });
    client.close();
    await mute.close();
  });
});

/** A port before a server: connections that were cut stay open, and carry nothing any more. */
class ScriptedPort {
  #port = 0;
  #carrying: { carries: boolean }[] = [];
  #server = createServer();

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async before(target: ScriptedNacos): Promise<void> {
    const { connect: connectTo } = await import("node:net");
    const { freePortGroup } = await import("../../tests/support/free-ports.ts");
    this.#port = await freePortGroup([0, GRPC_PORT_OFFSET]);
    this.#server.on("connection", (socket) => {
      const onward = connectTo(target.port + GRPC_PORT_OFFSET, "127.0.0.1");
      const state = { carries: true };
      this.#carrying.push(state);
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        from.on("error", () => {});
        from.on("data", (chunk) => void (state.carries && to.write(chunk)));
        from.once("close", () => to.destroy());
      }
    });
    await listen(this.#server, this.#port + GRPC_PORT_OFFSET);
  }

  cut(): void {
    for (const state of this.#carrying) state.carries = false;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe("a login's token", () => {
  const guarded =
    (accepted: string): Script =>
    (request) =>
      request.headers.get("accessToken") === accepted || !request.type.startsWith("Instance")
        ? willing(request)
        : {
            type: "InstanceResponse",
            fields: { resultCode: 500, errorCode: 403, message: "token expired!" },
          };

  test("goes with each request", async () => {
    tokens = ["one"];
    server.script = guarded("one");
    connect();
    expect(await ask()).toMatchObject({ success: true });
  });

  test("that has expired while the client was connected is replaced for all requests under way", async () => {
    tokens = ["first", "second"];
    server.script = guarded("first");
    connect();
    await ask();
    server.script = guarded("second");
    expect(await Promise.all([ask(), ask(), ask()])).toMatchObject(Array(3).fill({ success: true }));
    expect([tokens, server.connections]).toEqual([["second"], 1]);
  });

  test("that is refused is replaced by a new login, once", async () => {
    tokens = ["old", "new"];
    server.script = guarded("new");
    connect();
    expect(await ask()).toMatchObject({ success: true });
    server.script = guarded("another");
    await expect(ask()).rejects.toMatchObject({
      code: "registry_refused",
      status: 403,
      message: expect.stringContaining("NACOS_USERNAME"),
    });
    expect(client.reachable()).toBe(true);
  });
});

describe("responses", () => {
  test.each([
    [
      { errorCode: 400, message: "no" },
      { code: "registry_refused", status: 400 },
    ],
    [
      { errorCode: 302, message: "no handler" },
      { code: "registry_refused", status: 501 },
    ],
    [{ errorCode: 500, message: "broken" }, failing],
    [{ errorCode: { toString: 1 }, message: { toString: 1 } }, failing],
    [{}, failing],
  ])("with %j are errors", async (fields, expected) => {
    server.script = ({ type }) =>
      type === "InstanceRequest"
        ? { type: "ErrorResponse", fields: { ...fields, success: false } }
        : succeeded(type, { supportAbilityNegotiation: true });
    connect();
    await expect(ask()).rejects.toMatchObject(expected);
  });

  test.each([
    ["no message", Buffer.alloc(0)],
    ["half a message", Buffer.from("000000000a12", "hex")],
    ["no gRPC", Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
    ["a message above the limit", Buffer.from("00ffffffff", "hex")],
    ["a compressed one", Buffer.from("0100000000", "hex")],
    ["no Protocol Buffers", frame(Buffer.from("1205", "hex"))],
    ["no JSON", frame(encodePayload(payload("InstanceResponse", "nonsense")))],
  ])("of %s fail, and others on the connection do not", async (_, bytes) => {
    server.script = (request) => (request.fields["a"] === 1 ? bytes : willing(request));
    connect();
    await expect(ask()).rejects.toMatchObject(failing);
    expect(await client.request("InstanceRequest", {})).toMatchObject({ success: true });
    expect(server.connections).toBe(1);
  });
});

describe("the server's own requests", () => {
  test("go to who receives them and are acknowledged; unknown ones are not", async () => {
    connect();
    const seen: unknown[] = [];
    client.receive("NotifySubscriberRequest", ({ a }) => seen.push(a));
    await ask();
    server.push("NoSuchRequest", { requestId: "1" });
    server.push("NotifySubscriberRequest", { requestId: "2", a: 7 });
    server.push("ClientDetectionRequest", { requestId: "3" });
    await eventually(() => expect(server.received.at(-1)?.type).toBe("ClientDetectionResponse"));
    expect(seen).toEqual([7]);
    const acknowledged = server.received.map(({ type, fields }) => [type, fields["requestId"]]);
    expect(acknowledged.slice(-2)).toEqual([
      ["NotifySubscriberResponse", "2"],
      ["ClientDetectionResponse", "3"],
    ]);
  });

  test.each([
    ["no gRPC", Buffer.from("not gRPC at all")],
    ["a message above the limit", Buffer.from("00ffffffff", "hex")],
    ["no Protocol Buffers", frame(Buffer.from("1205", "hex"))],
    ["no JSON", frame(encodePayload(payload("NotifySubscriberRequest", "nonsense")))],
  ])("of %s end the connection, and another one is made", async (_, bytes) => {
    connect();
    await ask();
    server.pushBytes(bytes);
    await eventually(async () => expect(await client.connected()).toBe(2));
    expect(await ask()).toMatchObject({ success: true });
  });
});
