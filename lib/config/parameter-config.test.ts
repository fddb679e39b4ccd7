import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { listen } from "../../tests/support/free-ports.ts";
import { loadConfig } from "./env.ts";
import { live, setLive } from "./live.ts";
import { LiveConfig } from "./live-config.ts";
import { liveSettings } from "./live-schema.ts";
import { ParameterConfig } from "./parameter-config.ts";
import { readParameterText } from "./secret-stores.ts";
import { watchLive } from "./watch-live.ts";

const config = loadConfig({});
let lines: string[];
const note = (level: string) => (_: unknown, message?: string) => {
  lines.push(`${level} ${message}`);
};
const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };

beforeEach(() => {
  lines = [];
  setLive(liveSettings(config));
});
afterEach(() => setLive(liveSettings(config)));

/** Settings that follow a parameter whose replies are `texts`, one after another. */
function following(...texts: readonly (string | undefined | Error)[]) {
  const replies = texts.values();
  const source = new ParameterConfig({
    name: "/cfmp-order-prod/live",
    log,
    parameter: async () => {
      const { value } = replies.next();
      if (value instanceof Error) throw value;
      return value;
    },
  });
  const settings = new LiveConfig({ config, log, published: "parameter" });
  const next = async () => settings.offer(await source.read());
  return { settings, next };
}

describe("the parameter of the live configuration", () => {
  test("is the kill switch of payments, and leaves all to the environment once it is gone", async () => {
    const { settings, next } = following('{"payments_enabled":false}', undefined);
    await next();
    expect(live().payments_enabled).toBe(false);
    expect(settings.state).toMatchObject({ source: "parameter", refused: false });
    await next();
    expect(live().payments_enabled).toBe(true);
    expect(settings.state.source).toBe("environment");
  });

  test("that is invalid changes nothing, and is an error in the log", async () => {
    const { settings, next } = following('{"payments_enabled":false}', '{"payments_enabled":"no"}');
    await next();
    await next();
    expect(live().payments_enabled).toBe(false);
    expect(settings.state.refused).toBe(true);
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([
      expect.stringContaining("is refused, the last valid one stays: payments_enabled"),
    ]);
  });

  test("that can't be read changes nothing, and is logged once until it can", async () => {
    const broken = new Error("ssm answered 400 AccessDeniedException");
    const { next } = following('{"page_size_max":7}', broken, broken, '{"page_size_max":7}');
    await next();
    await expect(next()).rejects.toThrow(broken);
    await expect(next()).rejects.toThrow(broken);
    expect(live().page_size_max).toBe(7);
    await next();
    expect(lines.filter((line) => /read/.test(line))).toEqual([
      "warn the live configuration can't be read, the last one stays: ssm answered 400 AccessDeniedException",
      "info the live configuration can be read again",
    ]);
  });

  test("is read from SSM by its name; without one there is no text", async () => {
    const asked: unknown[] = [];
    const answering = (status: number, body: object) => async (request: { body: string }) => {
      asked.push(JSON.parse(request.body));
      return { status, body: JSON.stringify(body) };
    };
    const there = answering(200, { Parameter: { Value: "{}" } });
    expect(await readParameterText("/a/live", there)).toBe("{}");
    expect(asked).toEqual([{ Name: "/a/live", WithDecryption: true }]);
    const missing = answering(400, { __type: "ParameterNotFound" });
    expect(await readParameterText("/a/live", missing)).toBeUndefined();
    const denied = answering(400, { __type: "AccessDeniedException" });
    await expect(readParameterText("/a/live", denied)).rejects.toThrow("AccessDeniedException");
  });
});

describe("functions on Lambda", () => {
  const LIVE_CONFIG_PARAMETER = "/cfmp-order-prod/live";

  test("read it at a request, and again at one that comes half a minute later", async () => {
    let text = '{"page_size_max":7}';
    const asked: string[] = [];
    const server = createServer(async (request, reply) => {
      let body = "";
      for await (const part of request) body += part;
      asked.push(JSON.parse(body).Name);
      reply.end(JSON.stringify({ Parameter: { Value: text } }));
    });
    const port = await listen(server);
    const before = process.env["AWS_ENDPOINT_URL"];
    process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${port}`;
    let later = 0;
    const now = performance.now.bind(performance);
    jest.spyOn(performance, "now").mockImplementation(() => now() + later);
    const watch = watchLive(loadConfig({ LIVE_CONFIG_PARAMETER }), { frozen: true });
    try {
      expect(asked).toEqual([]);
      await watch?.fresh?.();
      expect([live().page_size_max, asked]).toEqual([7, [LIVE_CONFIG_PARAMETER]]);
      text = '{"page_size_max":8}';
      await watch?.fresh?.();
      expect([live().page_size_max, asked.length]).toEqual([7, 1]);
      later = 30_000;
      await watch?.fresh?.();
      expect([live().page_size_max, asked.length]).toEqual([8, 2]);
      expect(watch?.state.source).toBe("parameter");
    } finally {
      watch?.close();
      jest.restoreAllMocks();
      if (before === undefined) delete process.env["AWS_ENDPOINT_URL"];
      else process.env["AWS_ENDPOINT_URL"] = before;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("are the only ones: a server has a registry or its environment, and `off` is none", () => {
    expect(watchLive(loadConfig({ LIVE_CONFIG_PARAMETER }))).toBeUndefined();
    expect(watchLive(loadConfig({ LIVE_CONFIG_PARAMETER: "off" }), { frozen: true })).toBeUndefined();
    expect(() => loadConfig({ LIVE_CONFIG_PARAMETER: "live" })).toThrow(
      "must be the whole name of a parameter",
    );
  });
});
