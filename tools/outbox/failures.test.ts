import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type FailedRun, parseFailedRun } from "./failure-queue.ts";
import { listFailures, redriveFailures } from "./failures.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:cfmp-order-dev-orders-relay:$LATEST";
const message = (payload: unknown, functionArn = ARN) =>
  JSON.stringify({
    version: "1.0",
    timestamp: "2026-03-01T12:00:00.000Z",
    requestContext: { requestId: "r", functionArn, condition: "RetriesExhausted", approximateInvokeCount: 3 },
    requestPayload: payload,
    responseContext: { statusCode: 200, functionError: "Unhandled" },
    responsePayload: { errorType: "StorageFault", errorMessage: "AccessDenied" },
  });

/** A queue with `bodies`, which gives two at a time. */
function queueOf(bodies: readonly string[]) {
  const runs = bodies.map((body, index) => parseFailedRun(`h${index}`, body));
  const hidden = new Set<string>();
  const removed = new Set<string>();
  const visible = () => runs.filter(({ handle }) => !hidden.has(handle) && !removed.has(handle));
  return {
    runs,
    left: () => visible().map(({ handle }) => handle),
    async receive() {
      const batch = visible().slice(0, 2);
      for (const { handle } of batch) hidden.add(handle);
      return batch;
    },
    async remove({ handle }: FailedRun) {
      removed.add(handle);
    },
    async putBack({ handle }: FailedRun) {
      hidden.delete(handle);
    },
    removed,
  };
}

const printed: string[] = [];
const complained: string[] = [];
beforeEach(() => {
  for (const [stream, lines] of [
    [process.stdout, printed],
    [process.stderr, complained],
  ] as const) {
    lines.length = 0;
    jest.spyOn(stream, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

test("a record of Lambda says which function failed, with what, when and why", () => {
  expect(parseFailedRun("h", message({ id: "a" }))).toEqual({
    handle: "h",
    function: "cfmp-order-dev-orders-relay",
    payload: '{"id":"a"}',
    at: "2026-03-01T12:00:00.000Z",
    error: "AccessDenied",
  });
});

test.each(["", "no JSON", "null", "[]", '{"requestContext":{}}'])("%j is no record of Lambda", (text) => {
  expect(parseFailedRun("h", text)).toMatchObject({ function: undefined, payload: text });
});

describe("failures", () => {
  test("are listed, and stay in the queue for others", async () => {
    const queue = queueOf([message({ id: "a" }), message({ sweep: true }), message({ id: "b" })]);
    expect(await listFailures({ queue }, 100, false)).toBe(0);
    for (const text of ["orders-relay", '{"id":"a"}', '{"sweep":true}', '{"id":"b"}', "AccessDenied"])
      expect(printed.join()).toContain(text);
    expect(queue.left()).toEqual(["h0", "h1", "h2"]);
  });

  test("are listed up to a limit, as JSON too, without what removes them", async () => {
    const queue = queueOf([message({ id: "a" }), message({ id: "b" }), message({ id: "c" })]);
    await listFailures({ queue }, 1, true);
    const [first] = JSON.parse(printed.join(""));
    expect(JSON.parse(printed.join(""))).toHaveLength(1);
    expect(first).not.toHaveProperty("handle");
    expect(queue.left()).toEqual(["h0", "h1", "h2"]);
  });

  test("none: says so", async () => {
    expect(await listFailures({ queue: queueOf([]) }, 100, false)).toBe(0);
    expect(printed.join()).toContain("No run is in the queue.");
  });
});

describe("a redrive", () => {
  test("runs each event of a function once, and empties the queue", async () => {
    const queue = queueOf([message({ sweep: true }), message({ sweep: true }), message({ id: "a" })]);
    const invoked: string[] = [];
    const invoke = async (name: string, payload: string) => void invoked.push(`${name} ${payload}`);
    expect(await redriveFailures({ queue, invoke })).toBe(0);
    expect(invoked).toEqual([
      'cfmp-order-dev-orders-relay {"sweep":true}',
      'cfmp-order-dev-orders-relay {"id":"a"}',
    ]);
    expect([...queue.removed]).toEqual(["h0", "h1", "h2"]);
    expect(printed.join()).toContain("3 removed from the queue, 2 run again, 0 left.");
  });

  test("keeps what Lambda does not accept, and what it did not write", async () => {
    const queue = queueOf([message({ id: "a" }), "something else", message({ id: "b" })]);
    const invoke = async (_: string, payload: string) => {
      if (payload.includes("a")) throw new Error("Lambda answered 404");
    };
    expect(await redriveFailures({ queue, invoke })).toBe(1);
    expect([...queue.removed]).toEqual(["h2"]);
    expect(complained.join()).toContain("stays in the queue: Lambda answered 404");
    expect(complained.join()).toContain("something else");
    expect(printed.join()).toContain("1 removed from the queue, 1 run again, 2 left.");
  });
});
