import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pino } from "pino";
import { until } from "../../tests/support/poll.ts";
import { NacosTransport, type NacosTransportOptions } from "./transport.ts";

const LIST = "/nacos/v1/ns/instance/list";
const LOGIN = "/nacos/v3/auth/user/login";
const OLD_LOGIN = "/nacos/v1/auth/login";

describe("the Nacos transport", () => {
  let now: number;
  let server: Server;
  let requests: { path: string; query: URLSearchParams; body: string; headers: IncomingHttpHeaders }[];
  let answer: (path: string, query: URLSearchParams) => [status: number, body: string] | "nothing" | "never";
  const open: NacosTransport[] = [];

  beforeEach(async () => {
    now = 1_000_000;
    requests = [];
    answer = () => [200, "ok"];
    const handle = async (request: IncomingMessage, response: ServerResponse) => {
      const [path = "", query] = (request.url ?? "").split("?");
      const params = new URLSearchParams(query);
      const { headers } = request;
      requests.push({ path, query: params, body: await text(request), headers });
      const answered = answer(path, params);
      if (answered === "nothing") request.socket.destroy();
      else if (answered !== "never") response.writeHead(answered[0]).end(answered[1]);
    };
    server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const create = (rest: Partial<NacosTransportOptions> = {}) => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const transport = new NacosTransport({
      server: `127.0.0.1:${port}`,
      log: pino({ level: "silent" }),
      clock: () => now,
      random: () => 1,
      ...rest,
    });
    open.push(transport);
    return transport;
  };
  const paths = () => requests.map(({ path }) => path);

  describe("with a user name", () => {
    const account = { username: "nacos", password: "p&ss=wörd" };
    const tokens =
      (list: string[]) =>
      (path: string, query: URLSearchParams): [number, string] => {
        if (path === LOGIN) return [200, JSON.stringify({ accessToken: list[0], tokenTtl: 100 })];
        return query.get("accessToken") === list[0] ? [200, "ok"] : [403, "token expired"];
      };

    test("logs in once and sends the token with everything, the password with nothing else", async () => {
      answer = tokens(["t1"]);
      const transport = create(account);
      for (let n = 0; n < 3; n += 1) await transport.call("GET", LIST, { serviceName: "x" });
      expect(paths()).toEqual([LOGIN, LIST, LIST, LIST]);
      expect(new URLSearchParams(requests[0]?.body)).toEqual(new URLSearchParams(account));
      expect(requests.slice(1).map(({ query }) => query.toString())).toEqual(
        Array.from({ length: 3 }, () => "serviceName=x&accessToken=t1"),
      );
    });

    test("logs in again before the token runs out, and when the server no longer knows it", async () => {
      const list = ["t1"];
      answer = tokens(list);
      const transport = create(account);
      await transport.call("GET", LIST, {});
      now += 79_000;
      await transport.call("GET", LIST, {});
      now += 1_000;
      await transport.call("GET", LIST, {});
      expect(paths()).toEqual([LOGIN, LIST, LIST, LOGIN, LIST]);
      list[0] = "t2";
      await transport.call("GET", LIST, {});
      expect(paths().slice(5)).toEqual([LIST, LOGIN, LIST]);
    });

    test("logs in once for all who wait", async () => {
      answer = tokens(["t1"]);
      const transport = create(account);
      await Promise.all(Array.from({ length: 5 }, () => transport.call("GET", LIST, {})));
      expect(paths().filter((path) => path === LOGIN)).toHaveLength(1);
    });

    test("logs in once for all whose token has expired, and sends all of them again", async () => {
      const list = ["t1"];
      answer = tokens(list);
      const transport = create(account);
      await transport.call("GET", LIST, {});
      list[0] = "t2";
      const replies = await Promise.all(Array.from({ length: 5 }, () => transport.call("GET", LIST, {})));
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(paths().filter((path) => path === LOGIN)).toHaveLength(2);
    });

    test.each<[string, "nothing" | [number, string]]>([
      ["does not answer", "nothing"],
      ["refuses it", [500, "too busy"]],
    ])("uses a token until it expires where the server %s when it is to be renewed", async (_, failure) => {
      const known = tokens(["t1"]);
      answer = known;
      const transport = create(account);
      await transport.call("GET", LIST, {});
      answer = (path, query) => (path === LOGIN ? failure : known(path, query));
      for (const step of [80_000, 4_999, 1, 14_999]) {
        now += step;
        expect(await transport.call("GET", LIST, {})).toMatchObject({ status: 200 });
      }
      // A request that finds its connection closed is sent once more.
      const sent = paths().filter((path, index, all) => path === LIST || all[index - 1] !== path);
      expect(sent).toEqual([LOGIN, LIST, LOGIN, LIST, LIST, LOGIN, LIST, LOGIN, LIST]);
    });

    test.each([404, 410, 501])("logs in by v1's path at a server that answers %d to v3's", async (status) => {
      const known = tokens(["t1"]);
      answer = (path, query) => {
        if (path === LOGIN) return [status, "no such path"];
        return known(path === OLD_LOGIN ? LOGIN : path, query);
      };
      await create(account).call("GET", LIST, {});
      expect(paths()).toEqual([LOGIN, OLD_LOGIN, LIST]);
    });

    test("goes on without a token where there are no accounts", async () => {
      answer = (path) => (path === LOGIN ? [403, "no such thing"] : [200, "ok"]);
      const transport = create(account);
      await transport.call("GET", LIST, {});
      await transport.call("GET", LIST, {});
      expect(paths()).toEqual([LOGIN, LIST, LIST]);
    });

    test("says so when the server refuses it", async () => {
      answer = (path) => (path === LOGIN ? [403, "unknown user"] : [403, "forbidden"]);
      await expect(create(account).call("GET", LIST, {})).rejects.toMatchObject({
        code: "registry_refused",
        status: 403,
        message: expect.stringContaining("NACOS_USERNAME"),
      });
    });
  });

  test("a refusal is no failure of the server: nothing waits for it", async () => {
    answer = () => [400, "Param 'serviceName' is required."];
    const transport = create();
    const refused = { code: "registry_refused", message: expect.stringContaining("serviceName") };
    await expect(transport.call("GET", LIST, {})).rejects.toMatchObject(refused);
    await expect(transport.call("GET", LIST, {})).rejects.toMatchObject(refused);
    expect(transport.reachable()).toBe(true);
    expect(requests).toHaveLength(2);
  });

  test.each([
    ["breaks the connection", "nothing" as const],
    ["answers 500", [500, "oops"] satisfies [number, string]],
  ])("a server that %s is called less and less often, and used again when it is back", async (_, failing) => {
    answer = () => failing;
    const transport = create();
    const attempts: number[] = [];
    for (const began = now; now < began + 10_000; now += 10) {
      const before = requests.length;
      const outcome = transport.call("GET", LIST, {});
      await expect(outcome).rejects.toMatchObject({ code: "registry_unavailable" });
      if (requests.length > before) attempts.push(now - began);
    }
    expect(attempts).toEqual([0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100, 9_100]);
    expect(transport.reachable()).toBe(false);

    answer = () => [200, "back"];
    now += 2_000;
    expect(await transport.call("GET", LIST, {})).toMatchObject({ status: 200, data: "back" });
    expect(transport.reachable()).toBe(true);
  });

  test("a server that is back is called soon, although the clock was set back meanwhile", async () => {
    answer = () => "nothing";
    const transport = new NacosTransport({ server: create().server, log: pino({ level: "silent" }) });
    open.push(transport);
    await expect(transport.call("GET", LIST, {})).rejects.toMatchObject({ code: "registry_unavailable" });
    const real = Date.now;
    const clock = jest.spyOn(Date, "now").mockImplementation(() => real() - 3_600_000);
    answer = () => [200, "back"];
    try {
      await until("it answers", () =>
        transport.call("GET", LIST, {}).then(
          () => true,
          () => false,
        ),
      );
    } finally {
      clock.mockRestore();
    }
  });

  test("requests that fail together are one failure, and one at a time tries whether the server is back", async () => {
    answer = () => "nothing";
    const transport = create();
    const all = () => Promise.allSettled(Array.from({ length: 20 }, () => transport.call("GET", LIST, {})));
    await all();
    now += 100;
    const before = requests.length;
    await all();
    expect(requests.length - before).toBe(1);
  });

  test("sends forms and headers of the caller's", async () => {
    const headers = { "long-pulling-timeout": "100" };
    await create().call("POST", LIST, { a: "1" }, { form: { b: "2 3" }, headers });
    expect(requests).toMatchObject([{ body: "b=2+3", headers }]);
    expect(String(requests[0]?.query)).toBe("a=1");
  });

  test("a long poll does not prevent others from trying whether the server is back", async () => {
    answer = () => "nothing";
    const transport = create();
    await expect(transport.call("GET", LIST, {})).rejects.toBeDefined();
    now += 200;
    answer = (path) => (path === "/poll" ? "never" : [200, "ok"]);
    const polling = transport.call("POST", "/poll", {}, { timeoutMs: 30_000 });
    await until("it polls", () => paths().includes("/poll"));
    expect(await transport.call("GET", LIST, {})).toMatchObject({ status: 200 });
    await transport.close();
    await expect(polling).rejects.toMatchObject({ code: "registry_unavailable" });
  });

  test("does not report an outage when closing ends a request", async () => {
    const warnings: unknown[] = [];
    const log = pino({ level: "warn" }, { write: (line) => warnings.push(line) });
    const transport = create({ log });
    await transport.call("GET", LIST, {});
    answer = () => "never";
    const polling = transport.call("POST", "/poll", {}, { timeoutMs: 30_000 });
    await until("it polls", () => paths().includes("/poll"));
    await transport.close();
    await expect(polling).rejects.toMatchObject({ code: "registry_unavailable" });
    expect(warnings).toEqual([]);
  });

  test("counts the outages that ended, since another server may answer after one", async () => {
    const transport = create();
    await transport.call("GET", LIST, {});
    expect(transport.generation).toBe(1);
    answer = () => "nothing";
    await expect(transport.call("GET", LIST, {})).rejects.toBeDefined();
    expect(transport.generation).toBe(1);
    now += 100;
    answer = () => [404, "not here"];
    await expect(transport.call("GET", LIST, {})).rejects.toBeDefined();
    expect(transport.generation).toBe(2);
  });

  test("tries again by itself when there was no request for a while", async () => {
    const transport = create();
    expect(transport.reachable()).toBe(true);
    await expect(transport.call("GET", LIST, {})).resolves.toBeDefined();
    answer = () => "nothing";
    now += 6_001;
    transport.reachable();
    await until("the outage is noticed", () => !transport.reachable());
  });
});
