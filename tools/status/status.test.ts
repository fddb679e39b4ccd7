import { describe, expect, test } from "@jest/globals";
import type { PromisesView } from "../../local/control-room/orders/contract.ts";
import { linesOf, type Paint } from "./show.ts";
import { steadySurvey } from "./steady-survey.ts";
import { type HealthReport, type SurveyPorts, survey } from "./survey.ts";
import { verdictOf } from "./verdict.ts";

const HOST = "127.0.0.1";
const NAMES = ["OrderService", "PaymentService"];
const portOf = (service: string): number => 8001 + NAMES.indexOf(service);
const plain: Paint = (_, text) => text;

const listing = (service: string, port = portOf(service), instance = `${service} ${port}`) => ({
  host: HOST,
  port,
  healthy: true,
  enabled: true,
  metadata: { instance, version: "1.2.3", pid: "7" },
});

const healthOf = (service: string, port: number, changes: Partial<HealthReport> = {}): HealthReport => ({
  status: "ok",
  service,
  instance: `${service} ${port}`,
  version: "1.2.3",
  uptime_s: 60,
  checks: { database: "ok", registry: "ok", outbox: "ok" },
  ...changes,
});

const away = () => Promise.reject(new Error("connect ECONNREFUSED"));
const never = () => new Promise<never>(() => {});

/** Questions about two services of which all is well; `changes` make it otherwise. */
const ports = (changes: Partial<SurveyPorts> = {}): SurveyPorts => ({
  services: NAMES.map((service) => ({ service, configured: { host: HOST, port: portOf(service) } })),
  registry: "127.0.0.1:8848",
  database: "http://127.0.0.1:4567",
  list: async (service) => [listing(service)],
  health: async (_, port) => healthOf(NAMES[port - 8001] ?? "", port),
  discover: async (_host, _port, service) => [
    { host: HOST, port: portOf(service), ejected: false, in_flight: 3, latency_ms: 1.25 },
  ],
  databaseAnswers: async () => {},
  outbox: async () => ({ lag_s: 0, parked: 0 }),
  gateway: async () => "http://127.0.0.1:8000",
  controlRoom: away,
  promises: away,
  starting: away,
  ...changes,
});

const look = async (changes: Partial<SurveyPorts>) => {
  const seen = await survey(ports(changes), 100);
  return { seen, ...verdictOf(seen), text: linesOf(seen, verdictOf(seen), plain).join("\n") };
};

describe("a system of which all is well", () => {
  test("has exit code 0, and each instance with its version and what its callers see", async () => {
    const { exit, problems, text } = await look({});
    expect([exit, problems]).toEqual([0, []]);
    expect(text).toMatch(
      /OrderService {2}1 serving\n {2}127\.0\.0\.1:8001 {2}ok {2}v1\.2\.3 {2}up 1 min .*3 in flight, 1\.3 ms/,
    );
    expect(text).toContain("All is well.");
  });

  test("shows where its gateway and its control room are; it may have none", async () => {
    const { text, seen } = await look({ controlRoom: async () => "http://127.0.0.1:8010" });
    expect(text).toMatch(
      /^gateway {7}http:\/\/127\.0\.0\.1:8000\ncontrol room {2}http:\/\/127\.0\.0\.1:8010\nregistry {6}127/m,
    );
    expect([seen.gateway, seen.control_room]).toEqual(["http://127.0.0.1:8000", "http://127.0.0.1:8010"]);
    const without = await look({ gateway: away });
    expect([without.exit, without.seen.gateway, without.seen.control_room]).toEqual([0, null, null]);
    expect(without.text).toMatch(/^gateway {7}none\ncontrol room {2}none$/m);
  });

  test("may have an instance that drains beside one that serves", async () => {
    const { exit, text } = await look({
      list: async (service) => [listing(service), listing(service, portOf(service) + 10)],
      health: async (_, port) => {
        const at = port > 8010 ? port - 10 : port;
        return healthOf(NAMES[at - 8001] ?? "", port, port > 8010 ? { status: "down" } : {});
      },
    });
    expect(exit).toBe(0);
    expect(text).toMatch(/8011 {2}draining/);
  });

  test("may have an instance that is just starting, and not registered yet", async () => {
    const young = {
      list: async () => [],
      health: async (_: string, port: number) => healthOf(NAMES[port - 8001] ?? "", port, { uptime_s: 1 }),
    };
    expect((await look(young)).exit).toBe(0);
    const { exit, problems } = await look({ list: async () => [] });
    expect([exit, problems[0]]).toEqual([1, "OrderService at 127.0.0.1:8001 is not registered"]);
  });
});

describe("a system of which something is down has exit code 1, and a line that says what", () => {
  test.each<[string, Partial<SurveyPorts>, string]>([
    ["the registry", { list: away }, "The registry does not answer: connect ECONNREFUSED"],
    ["a registry that hangs", { list: never }, "The registry does not answer: no answer within 100 ms"],
    [
      "the database",
      { databaseAnswers: never, outbox: away },
      "The database does not answer: no answer within 100 ms",
    ],
    [
      "a service that nobody runs",
      {
        list: async (service) => (service === "OrderService" ? [listing(service)] : []),
        health: async (_, port) => (port === 8001 ? healthOf("OrderService", port) : away()),
      },
      "PaymentService: no instance serves",
    ],
    [
      "an instance that is listed and silent",
      { health: async (_, port) => (port === 8001 ? healthOf("OrderService", port) : away()) },
      "PaymentService at 127.0.0.1:8002 does not answer",
    ],
    [
      "an instance at whose address another one answers",
      { list: async (service) => [listing(service), listing(service, portOf(service), "an earlier one")] },
      "PaymentService at 127.0.0.1:8002 is gone, and another process answers there",
    ],
    [
      "an instance whose database is away",
      {
        health: async (_, port) =>
          healthOf(NAMES[port - 8001] ?? "", port, {
            status: "degraded",
            checks: { database: "degraded" },
            reasons: { database: "nothing is written: its disk is full" },
          }),
      },
      "OrderService at 127.0.0.1:8001 is degraded: database nothing is written: its disk is full",
    ],
    [
      "what is parked",
      { outbox: async (service) => ({ lag_s: 0, parked: service === "OrderService" ? 2 : 0 }) },
      "OrderService: 2 parked, see npm run outbox -- list",
    ],
    [
      "sweeps that do not run",
      { outbox: async (service) => ({ lag_s: service === "OrderService" ? 181 : 180, parked: 0 }) },
      "OrderService: deliveries are late by 181 s",
    ],
  ])("%s", async (_, changes, problem) => {
    const { exit, problems, text } = await look(changes);
    expect([exit, problems]).toEqual([1, expect.arrayContaining([problem])]);
    expect(text).toContain(problem);
  });
});

describe("promises", () => {
  const facts = { orders: 0, oldest: null };
  const watched: PromisesView = {
    at: 0,
    promises: [{ promise: "money", checked: 3, violations: 0 }],
    violations: [],
    unfinished: facts,
    waiting: facts,
    settled: null,
    pending: 0,
    orders: 3,
    swept_at: null,
    follows_writes: true,
    failure: null,
  };
  const exits = async (promises: SurveyPorts["promises"]) => {
    const seen = await survey(ports({ promises }), 100);
    return [verdictOf(seen), verdictOf(seen, true)].map(({ exit }) => exit);
  };

  test("one that is broken is a problem, asked for or not, with its order", async () => {
    const violation = { promise: "money", order_id: "o-1", sentence: "it is paid twice", since: 0 };
    const broken: PromisesView = {
      ...watched,
      promises: [{ promise: "money", checked: 3, violations: 1 }],
      violations: [violation],
    };
    expect(await exits(async () => broken)).toEqual([1, 1]);
    const { text } = await look({ promises: async () => broken });
    expect(text).toContain("1 VIOLATIONS");
    expect(text).toContain('VIOLATION of "money", order o-1: it is paid twice');
    expect(text).not.toContain("All is well.");
  });

  test("that nobody watches them is a problem where it is asked for", async () => {
    expect(await exits(async () => watched)).toEqual([0, 0]);
    expect(await exits(away)).toEqual([0, 1]);
    expect(await exits(async () => ({ ...watched, failure: "the database is away" }))).toEqual([0, 1]);
  });
});

test("while the registry is away, the instances at the configured addresses are shown", async () => {
  const { seen } = await look({ list: away });
  expect(
    seen.services.map(({ instances }) =>
      instances.map(({ port, state, registered }) => [port, state, registered]),
    ),
  ).toEqual([[[8001, "ok", null]], [[8002, "ok", null]]]);
});

test("a system that starts has exit code 2, and nothing of it is called broken", async () => {
  const starting = async () => true;
  const nothing = await look({ list: async () => [], health: away, starting });
  expect([nothing.exit, nothing.problems]).toEqual([2, ["A runtime is starting."]]);
  expect(nothing.text).toContain("OrderService  starting\n");
  // The first of its services answers already.
  const some = await look({
    list: async (service) => (service === "OrderService" ? [listing(service)] : []),
    health: async (_, port) => (port === 8001 ? healthOf("OrderService", port) : away()),
    starting,
  });
  expect([some.exit, some.problems]).toEqual([1, ["PaymentService: it is starting"]]);
  // What does not answer is broken beside one that starts as well.
  const { problems } = await look({
    health: async (_, port) => (port === 8001 ? healthOf("OrderService", port) : away()),
    starting,
  });
  expect(problems).toContain("PaymentService: no instance serves");
});

describe("a system that starts, or did a moment ago, is not called broken", () => {
  const young = async (_: string, port: number) => healthOf(NAMES[port - 8001] ?? "", port, { uptime_s: 1 });
  /** Rejects the first time that each service is asked for. */
  const refusedAtFirst = (): SurveyPorts["list"] => {
    const asked = new Set<string>();
    return async (service) => {
      if (asked.has(service)) return [listing(service)];
      asked.add(service);
      return away();
    };
  };
  const steady = async (changes: Partial<SurveyPorts>) => {
    const seen = await steadySurvey(ports(changes), 100);
    return { seen, ...verdictOf(seen), text: linesOf(seen, verdictOf(seen), plain).join("\n") };
  };

  test.each<[string, SurveyPorts["starting"]]>([
    ["the control room says that nothing starts any more", async () => false],
    ["there is no control room", away],
  ])("when the registry has come up between two questions, and %s", async (_, starting) => {
    const { exit, problems, text } = await steady({ list: refusedAtFirst(), health: young, starting });
    expect([exit, problems]).toEqual([0, []]);
    expect(text).toContain("registry      127.0.0.1:8848  ok");
  });

  test("when the start ends between two surveys, of which the second one found something away", async () => {
    const answers = [true, false];
    const { exit, problems, text } = await steady({
      list: away,
      health: young,
      starting: async () => answers.shift() ?? false,
    });
    expect([exit, problems]).toEqual([1, ["The registry is starting"]]);
    expect(text).toContain("registry      127.0.0.1:8848  starting");
  });

  test("when it is up at the second survey, which says so", async () => {
    const answers = [true, false];
    const starting = async () => answers.shift() ?? false;
    const { exit, seen } = await steady({ list: refusedAtFirst(), health: young, starting });
    expect([exit, seen.starting]).toEqual([0, false]);
  });

  test("when nothing of it answers yet but its control room", async () => {
    const nothing = { list: away, health: away, databaseAnswers: away, outbox: away };
    const { exit, problems, text } = await steady({ ...nothing, starting: async () => true });
    expect([exit, problems]).toEqual([2, ["A runtime is starting."]]);
    expect(text).not.toContain("down");
    expect(text.match(/starting$/gm)?.length).toBe(4);
  });

  test("but what is away still counts once it has started, and beside a runtime that was there before", async () => {
    const registry = "The registry does not answer: connect ECONNREFUSED";
    expect((await steady({ list: away, health: young })).problems).toContain(registry);
    const beside = await steady({ list: away, starting: async () => true });
    expect(beside.problems).toContain(registry);
    expect(beside.text).toContain("registry      127.0.0.1:8848  down");
  });

  test("and one that has run for a while is surveyed once, whatever is away", async () => {
    let asked = 0;
    const databaseAnswers = () => {
      asked += 1;
      return away();
    };
    expect((await steady({ databaseAnswers })).exit).toBe(1);
    expect(asked).toBe(1);
  });
});

test("a system of which no service answers has exit code 2, whatever else runs", async () => {
  expect((await look({ health: away })).exit).toBe(2);
  expect((await look({ health: away, list: away, databaseAnswers: away, outbox: away })).exit).toBe(2);
  // Another program at the configured port is no instance.
  const foreign = await look({
    list: async () => [],
    health: async (_, port) => healthOf("ShopService", port),
  });
  expect([foreign.exit, foreign.text.includes("8001")]).toEqual([2, false]);
});

test("what a registry says can't move the cursor, and colours are the terminal's alone", async () => {
  const listed = { ...listing("OrderService"), metadata: { version: "\u001b[2J9" } };
  const { seen } = await look({ list: async () => [listed], health: away });
  const lines = linesOf(seen, verdictOf(seen), (colour, text) => `<${colour}>${text}`);
  expect(lines.join("\n")).toContain("v\\u001b[2J9");
  expect(lines).toContain("<red>No service answers. npm start starts them.");
});
