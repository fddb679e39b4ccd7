import { tmpdir } from "node:os";
import { afterEach, expect, test } from "@jest/globals";
import { Driver } from "./driver.ts";

let driver: Driver | undefined;
afterEach(() => driver?.kill());

/** A driver that runs this JavaScript; `say` writes a message. */
async function driverOf(source: string, answerWithinMs?: number): Promise<Driver> {
  const say = "const say = (message) => console.log(JSON.stringify(message));";
  const program = { command: process.execPath, args: ["-e", `${say} ${source}`] };
  driver = await Driver.start(program, [], tmpdir(), answerWithinMs);
  return driver;
}

/** Answers each command by `reply`, of its port. */
const answering = (reply: string) => `
  say({ ready: true });
  process.stdin.on("data", (line) => { const { port } = JSON.parse(line); say(${reply}); });`;
const register = { do: "register", service: "one", ip: "127.0.0.1", port: 7001, metadata: {} } as const;

test("a command gets its answer; what else the client prints is none", async () => {
  const one = await driverOf(`console.log("Starting"); ${answering("{ done: port }")}`);
  await one.ready();
  expect(await one.run(register)).toBe(7001);
});

test("a command that fails says why", async () => {
  const one = await driverOf(answering('{ failed: "no port " + port }'));
  await one.ready();
  await expect(one.run(register)).rejects.toThrow("register: no port 7001");
});

test("notifications are kept by service and by configuration", async () => {
  const one = await driverOf(`
    say({ event: "instances", service: "one", ports: [7001, 7002] });
    say({ event: "config", dataId: "two", content: "of two" });
    ${answering("{ done: null }")}`);
  await one.ready();
  expect(one.pushed).toEqual(new Map([["one", [7001, 7002]]]));
  expect(one.contents).toEqual(new Map([["two", "of two"]]));
});

test("one that ends says what it printed", async () => {
  const one = await driverOf('console.error("no such user"); process.exit(1)');
  await expect(one.ready()).rejects.toThrow(/ended before it is ready; it printed:\nno such user/);
});

test("one that does not answer in time is killed, and every later command fails", async () => {
  const silent = await driverOf("process.stdin.resume()", 50);
  await expect(silent.ready()).rejects.toThrow("It was killed: not within 50 ms: it is ready");
  await expect(silent.run(register)).rejects.toThrow(/^It .*it answers "register"/);
});
