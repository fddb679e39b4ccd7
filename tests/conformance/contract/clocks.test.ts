// Which clock a file reads. The time of day is set now and then, by minutes or hours, and no two machines agree on it, so
// what lasts, ends or is due within a process goes by `performance.now()`.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const TIME_OF_DAY = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)/;

/** The files that may read the time of day, and what for. */
const FOR: Readonly<Record<string, string>> = {
  "functions/payments/providers/alipay/index.ts": "times in requests and notices",
  "lib/auth/tokens.ts": "iat and exp",
  "lib/config/secrets-fresh.ts":
    "the age of secrets in a process that is frozen, whose monotonic clock may stand still",
  "lib/discovery/index.ts": "dates in Retry-After",
  "lib/discovery/resolver/snapshots.ts": "the age of a file that an earlier process wrote",
  "lib/discovery/peer/invoked-peers.ts": "the time of a request, in its event",
  "lib/http/health.ts": "since when deliveries are due",
  "lib/observability/log.ts": "the time of a line",
  "lib/observability/otlp/send.ts": "dates in Retry-After",
  "lib/observability/span.ts": "the time of a span",
  "lib/outbox/parked.ts": "when a delivery is due is stored",
  "lib/outbox/relay.ts": "when a delivery is due is stored",
  "lib/outbox/relay-handler.ts": "the end of a sweep's minute, in an event that another process reads",
  "local/control-room/answers.ts": "the last hour of a metric",
  "local/control-room/collector.ts": "the time of what is shown, and the age of spans",
  "local/control-room/history.ts": "the age of rows that an earlier process wrote",
  "local/control-room/provider/provider-routes.ts": "when callbacks are due is stored",
  "local/control-room/sent/sent-routes.ts": "when what is sent again is due is stored",
  "local/control-room/item-queue.ts": "when what is shown was stored",
  "local/control-room/page/orders-panel.tsx": "the time range that is asked for",
  "local/control-room/page/traces-panel.tsx": "the time range that is asked for",
  "local/database/expiry.ts": "whether the time of something stored is over",
  "local/database/due-alarm.ts": "whether something stored is due",
  "local/helper/log.ts": "the time of a line",
  "local/host/event.ts": "the time of a request, in its event",
  "local/host/socket-event.ts": "the time of a message, in its event",
  "local/host/sockets.ts": "the time of a connection, in its events",
  "local/metrics/source.ts": "since when deliveries are due",
  "local/helper/start-turn.ts": "the age of a file that another process wrote",
  "local/mail/mailbox.ts": "when a mail arrived",
  "local/mail/smtp.ts": "the date of a mail without one",
  "local/runtime/json-output.ts": "the time of a line",
  "local/runtime/log-files.ts": "the time of a line",
  "local/runtime/terminal.ts": "the time of a line",
  "tools/person/main.ts": "when a record was erased, or a copy made",
  "tools/reconcile/main.ts": "the window that is compared",
  "tools/status/ports.ts": "since when deliveries are due",
  "tools/service-template/service.ts": "times in what a new service stores",
};

/** Where a service is put together, it gets the clock for the times that it stores. */
const isService = (path: string): boolean => /^functions\/[^/]+\/service\.ts$/.test(path);

const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => /\.(tsx?|js|cjs)$/.test(path) && !/\.test\.ts$|\/test-[\w-]+\.ts$/.test(path));

const code = (path: string): string =>
  readFileSync(join(ROOT, path), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

describe("the time of day", () => {
  const readers = ["build", "functions", "lib", "local", "tools"]
    .flatMap(sources)
    .filter((path) => TIME_OF_DAY.test(code(path)) && !isService(path));

  test("is read where it is stored, shown or compared with another's, and nowhere else", () => {
    expect(readers.filter((path) => FOR[path] === undefined)).toEqual([]);
  });

  test("is read by every file that is said to", () => {
    expect(Object.keys(FOR).filter((path) => !readers.includes(path))).toEqual([]);
  });
});
