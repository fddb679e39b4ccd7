import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Answers, answersOf } from "./answers.ts";
import type { Session } from "./api.ts";
import { Collector } from "./collector.ts";
import { History } from "./history.ts";
import type { MetricSeries } from "./telemetry-contract.ts";

const MINUTE_MS = 60_000;
const session: Session = {
  token: "t",
  version: "0.1.0",
  collector: "c",
  gateway_url: null,
  mail_url: null,
  actions: [],
};

let collector: Collector;
let answers: Answers;

beforeEach(async () => {
  const history = await History.open(":memory:", { bytes: 16_000_000, ms: 86_400_000 });
  collector = new Collector({ history, id: "c", log: () => {} });
  answers = answersOf(collector, () => session, new Map());
});
afterEach(() => collector.close());

const point = (ago: number) => ({ at: Date.now() - ago, name: "cpu", labels: { runtime: "1" }, value: 0.5 });
const series = async (query = ""): Promise<MetricSeries> =>
  (await answers("/api/metrics/cpu", new URLSearchParams(query))) as MetricSeries;
const lengthOf = ({ at }: MetricSeries): number => (at.at(-1) ?? 0) - (at[0] ?? 0);

test("a plot begins where its values do, is at least a minute long, and at most an hour", async () => {
  collector.takePoints({ items: [point(5_000)], malformed: 0 });
  expect(Math.round(lengthOf(await series()) / MINUTE_MS)).toBe(1);
  collector.takePoints({ items: [point(10 * MINUTE_MS)], malformed: 0 });
  expect(Math.round(lengthOf(await series()) / MINUTE_MS)).toBe(10);
  collector.takePoints({ items: [point(300 * MINUTE_MS)], malformed: 0 });
  expect(Math.round(lengthOf(await series()) / MINUTE_MS)).toBe(10);
  expect(Math.round(lengthOf(await series("last_ms=7200000")) / MINUTE_MS)).toBe(120);
  expect((await series(`since=${Date.now() - MINUTE_MS}`)).series[0]?.values).toContain(0.5);
});

test("a metric without values for an hour has an empty plot, and an unknown one is not known", async () => {
  collector.takePoints({ items: [point(300 * MINUTE_MS)], malformed: 0 });
  expect((await series()).series).toEqual([]);
  expect(() => answers("/api/metrics/nope", new URLSearchParams())).toThrow("This metric is not known here.");
});

test.each([
  "/api/traces?min_ms=abc",
  "/api/traces?cursor=zz",
  "/api/traces?error=maybe",
  "/api/traces?limit=-1",
  "/api/traces?attribute=user.id",
  "/api/traces?attribute=%3Dann",
  "/api/logs?level=fatal",
  "/api/logs?since=yesterday",
  "/api/metrics/cpu?step_ms=0",
  "/api/orders?status=lost",
  "/api/orders?until=x",
  "/api/traces?services=OrderService",
  "/api/traces?service=OrderService&service=PaymentService",
  "/api/logs?attribute=a%3Db",
  "/api/metrics/cpu?until_ms=1",
  "/api/orders?order=1",
])("%s is refused", (asked) => {
  const { pathname, searchParams } = new URL(asked, "http://localhost");
  expect(() => answers(pathname, searchParams)).toThrow(
    expect.objectContaining({ status: 400, code: "query_invalid" }),
  );
});
