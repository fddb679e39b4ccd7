import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { listen } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { withExchange } from "./exchange.ts";
import { createLocalFunctions, type LocalFunctions } from "./functions.ts";
import { handlers } from "./handlers/table.ts";

const MODULE = `
  export const echo = async (event) => event;
  export const fail = async () => { throw new Error("inside"); };
  export const hear = async ({ heard }, { onHangUp }) => { onHangUp?.(() => heard("hung up")); heard(typeof onHangUp); await new Promise(() => {}); };
  export const wait = async (event) => { await event.until; return "done"; };
`;

let folder: string;
let functions: LocalFunctions;
let logged: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-order-functions-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "module.ts"), MODULE);
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  logged = [];
  functions = createLocalFunctions(folder, (level, message) => logged.push(`${level} ${message}`));
  for (const name of ["echo", "fail", "hear", "wait", "missing"])
    functions.add(name, { handler: `module.${name}` });
});

/** What the modules of the tests say when they are loaded. */
function loadedModules(): string[] {
  const seen: unknown = Reflect.get(globalThis, "loadedModules");
  if (isTexts(seen)) return seen;
  const none: string[] = [];
  Reflect.set(globalThis, "loadedModules", none);
  return none;
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value);

/** Invokes as serverless-offline does. */
const call = (key: string, event: unknown) => handlers[key]?.(event, {});
const http = (more: object = {}) => ({ requestContext: {}, ...more });

describe("an invocation", () => {
  test("waits until the environment is settled", async () => {
    let answered = false;
    const reply = call("echo", http())?.then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    functions.open();
    await reply;
    expect(answered).toBe(true);
  });

  test("gets an event without what the request does not have", async () => {
    functions.open();
    const event = http({ body: null, isBase64Encoded: false, queryStringParameters: null, rawPath: "/" });
    expect(await call("echo", event)).toEqual(http({ isBase64Encoded: false, rawPath: "/" }));
  });

  test("over HTTP that throws answers 500 and says nothing of the inside", async () => {
    functions.open();
    const reply = await call("fail", http());
    expect(reply).toMatchObject({ statusCode: 500 });
    expect(JSON.stringify(reply)).not.toContain("inside");
    expect(logged).toEqual(["error fail failed"]);
  });

  test("of a function that does not load is reported once", async () => {
    functions.open();
    await call("missing", http());
    await call("missing", http());
    expect(logged).toEqual(["error missing does not load"]);
  });

  test("that nobody waits for never throws", async () => {
    functions.open();
    await functions.invoke("fail", { sweep: true });
    expect(logged).toEqual(["error fail failed"]);
  });
});

describe("loading without haste", () => {
  const never = new AbortController().signal;
  const all = () => true;
  const names = ["first", "second", "third"];

  beforeEach(() => {
    loadedModules().length = 0;
    functions = createLocalFunctions(folder, (level, message) => logged.push(`${level} ${message}`));
    functions.open();
    functions.add("wait", { handler: "module.wait" });
    const own = mkdtempSync(join(folder, "modules-"));
    for (const name of names) {
      writeFileSync(
        join(own, `${name}.ts`),
        `globalThis.loadedModules.push("${name}"); export const handler = async () => "${name}";`,
      );
      functions.add(name, { handler: `${own.slice(folder.length + 1)}/${name}.handler` });
    }
  });

  test("takes one after the other", async () => {
    await functions.preloadCalmly(all, never);
    expect(loadedModules()).toEqual(names);
  });

  test("waits while a function runs, but for what is called meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = functions.run("wait", { until: promise }, {});
    const loading = functions.preloadCalmly((key) => key !== "wait", never);
    expect(await functions.run("second", {}, {})).toBe("second");
    expect(loadedModules()).toEqual(["second"]);
    resolve();
    await Promise.all([waiting, loading]);
    expect(loadedModules()).toEqual(["second", "first", "third"]);
  });

  test("goes on after one that does not load, which is reported", async () => {
    functions.add("missing", { handler: "module.missing" });
    await functions.preloadCalmly(all, never);
    expect(logged).toEqual(["error missing does not load"]);
  });

  test("ends when it is no longer wanted, also while a function runs", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = functions.run("wait", { until: promise }, {});
    const ended = new AbortController();
    const loading = functions.preloadCalmly(all, ended.signal);
    ended.abort();
    await loading;
    expect(loadedModules()).toEqual([]);
    resolve();
    await waiting;
  });
});

describe("draining", () => {
  test("waits for what is under way", async () => {
    functions.open();
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply = call("wait", { until: promise });
    let idle = false;
    const drained = functions.idle(5_000).then((ended) => {
      idle = ended;
    });
    await new Promise((done) => setImmediate(done));
    expect(idle).toBe(false);
    resolve();
    expect(await reply).toBe("done");
    await drained;
    expect(idle).toBe(true);
  });

  test("does not wait for ever", async () => {
    functions.open();
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply = call("wait", { until: promise });
    expect(await functions.idle(20)).toBe(false);
    resolve();
    await reply;
  });

  test("is over at once when nothing runs", async () => {
    expect(await functions.idle(5_000)).toBe(true);
  });
});

test("serverless-offline is told a handler that it finds by folder", () => {
  expect(functions.add("echo", { handler: "module.echo", name: "full" })).toEqual({
    handler: expect.stringMatching(/local\/runtime\/handlers\.handlers\.echo$/),
    name: "full",
  });
});

describe("a client that hangs up", () => {
  test("before the reply is heard of by the function, and not by one that nobody waits for", async () => {
    functions.open();
    const heard: string[] = [];
    const event = http({ heard: (what: string) => heard.push(what) });
    const server = createServer(
      withExchange(() => {
        setImmediate(() => void call("hear", event));
      }),
    );
    const port = await listen(server);
    const client = get({ host: "127.0.0.1", port });
    client.on("error", () => {});
    await until("the function has begun", () => heard.length === 1);
    client.destroy();
    await until("it has heard", () => heard.length === 2);
    server.close();
    void call("hear", event);
    await until("the other has begun", () => heard.length === 3);
    expect(heard).toEqual(["function", "hung up", "undefined"]);
  });
});
