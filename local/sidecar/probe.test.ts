import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import type { Watched } from "./messages.ts";
import { createAlarm } from "./pause.ts";
import { createProber } from "./probe.ts";

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A listener that answers with `status` and `body`; `never` takes the request and says nothing. */
async function listener(status: number | "never", body: unknown = ""): Promise<Watched> {
  const listening = createServer((_request, response) => {
    if (status !== "never")
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    service: "OrderService",
    probeHost: "127.0.0.1",
    host: "127.0.0.1",
    port,
    instance: "one",
    metadata: {},
  };
}

const ALONE = { index: 0, of: 1 };

/** The listeners of these tests answer at once, whatever else the machine does. */
const PATIENT_MS = 60_000;

function prober(watched: Watched, alarm = createAlarm()) {
  const { find, pause } = createProber(watched, alarm, ALONE);
  return { find: (timeoutMs = PATIENT_MS) => find(timeoutMs), pause };
}
const probe = (watched: Watched, timeoutMs?: number) => prober(watched).find(timeoutMs);

const self = { service: "OrderService", instance: "one", status: "ok" };

describe("a probe", () => {
  test("finds the service and instance that it names", async () => {
    expect(await probe(await listener(200, self))).toBe("healthy");
  });

  test("finds a degraded service healthy: the fault is not its own", async () => {
    expect(await probe(await listener(200, { ...self, status: "degraded" }))).toBe("healthy");
  });

  test("finds a service down when it says so", async () => {
    expect(await probe(await listener(503, { ...self, status: "down" }))).toBe("down");
  });

  test.each([
    ["another service", 200, { ...self, service: "PaymentService" }],
    ["another instance", 200, { ...self, instance: "two" }],
    ["one that says it is not meant", 421, { code: "misdirected" }],
    ["a server of some other kind", 404, "nothing here"],
    ["a server that answers everything", 200, "hello"],
  ])("finds a misdirected probe in %s", async (_, status, body) => {
    expect(await probe(await listener(status, body))).toBe("misdirected");
  });

  test.each([
    ["an error", 500, { status: "down" }],
    ["an error that is no JSON", 502, "hello"],
  ])("is unclear about %s", async (_, status, body) => {
    expect(await probe(await listener(status, body))).toBe("unclear");
  });

  test("is unclear about a server that changes to another protocol", async () => {
    const watched = await listener("never");
    server?.removeAllListeners("request");
    server?.on("request", ({ socket }) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
    expect(await probe(watched)).toBe("unclear");
  });

  test("finds a service silent that does not answer in time", async () => {
    expect(await probe(await listener("never"), 50)).toBe("silent");
  });

  test("finds a closed port refused", async () => {
    const gone = await listener(200, self);
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect(await probe(gone)).toBe("refused");
  });
});

describe("probes of one service", () => {
  const connections: Socket[] = [];
  const never = new AbortController().signal;
  async function counted(): Promise<Watched> {
    connections.length = 0;
    const watched = await listener(200, self);
    server?.on("connection", (socket) => connections.push(socket));
    return watched;
  }

  test("share a connection", async () => {
    const { find } = prober(await counted());
    for (let n = 0; n < 3; n += 1) expect(await find()).toBe("healthy");
    expect(connections).toHaveLength(1);
  });

  test("use another one when the service has closed it", async () => {
    const { find } = prober(await counted());
    expect(await find()).toBe("healthy");
    connections[0]?.destroy();
    expect(await find()).toBe("healthy");
    expect(connections).toHaveLength(2);
  });

  test("do not wait for the next second when the connection is closed, for the port may be closed as well", async () => {
    const { find, pause } = prober(await counted());
    expect(await find()).toBe("healthy");
    const pausing = pause(600_000, never);
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    await pausing;
    expect(await find()).toBe("refused");
  });

  test("are not hurried twice in a row by a service that closes every connection", async () => {
    const { find, pause } = prober(await counted());
    expect(await find()).toBe("healthy");
    const first = pause(600_000, never);
    connections[0]?.destroy();
    await first;
    expect(await find()).toBe("healthy");
    const ended = new AbortController();
    let over = false;
    const second = pause(600_000, ended.signal).then(() => {
      over = true;
    });
    const closed = once(connections[1] ?? new Socket(), "close");
    connections[1]?.destroy();
    await closed;
    for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(over).toBe(false);
    ended.abort();
    await second;
  });
});

describe("the alarm of the services of one process", () => {
  const never = new AbortController().signal;

  function heard() {
    const alarm = createAlarm();
    const seen = { raised: 0 };
    alarm.heard(() => {
      seen.raised += 1;
    });
    return { alarm, seen };
  }

  test("is raised when one of them answers with an error", async () => {
    const { alarm, seen } = heard();
    await prober(await listener(500), alarm).find();
    expect(seen.raised).toBeGreaterThan(0);
  });

  test("is raised when one of them is late, while its answer is waited for", async () => {
    const { alarm, seen } = heard();
    let answered = false;
    const finding = prober(await listener("never"), alarm)
      .find()
      .finally(() => {
        answered = true;
      });
    await until("it is raised", () => seen.raised > 0);
    expect(answered).toBe(false);
    server?.closeAllConnections();
    await finding;
  });

  test("is not raised by one that answers well", async () => {
    const alarm = createAlarm();
    let raised = false;
    alarm.heard(() => {
      raised = true;
    });
    const { find } = prober(await listener(200, self), alarm);
    // The first connection of a process may take long.
    await find();
    raised = false;
    await until("one probe is in time", async () => {
      raised = false;
      return (await find()) === "healthy" && !raised;
    });
  });

  test("ends the pause between the turns of the others, not that of one which is probed every second", async () => {
    const alarm = createAlarm();
    const watched = await listener(200, self);
    const [well, unwell] = [prober(watched, alarm), prober(watched, alarm)];
    let over = false;
    const long = well.pause(600_000, never);
    const ended = new AbortController();
    const short = unwell.pause(1_000, ended.signal).then(() => {
      over = true;
    });
    alarm.raise();
    await long;
    expect(over).toBe(false);
    ended.abort();
    await short;
    alarm.raise();
  });
});
