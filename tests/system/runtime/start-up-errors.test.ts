// What keeps the system from starting is said in one line, with what to do about it; and nothing is left running.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { freePorts, portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { type FailedStart, failToStart, type SystemOptions } from "../../support/system.ts";

const starts: FailedStart[] = [];
let server: Server;
let taken: string;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  taken = String(portOf(server));
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Starts with `options`, and expects one line on standard error that matches `line`. */
async function expectRefusal(options: SystemOptions, line: RegExp): Promise<void> {
  const start = await failToStart(options);
  expect(start.stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
  expect(start.code).toBeGreaterThan(0);
  expect(start.stdout).not.toMatch(/Ready|Error| at /);
  starts.push(start);
}

// A helper that was started already ends some seconds later; all are looked for together.
afterAll(() => until("nothing is left running", () => starts.every((start) => start.pids().length === 0)));

describe("the start is refused in one line", () => {
  test("when a service's port is in use, naming port, holder and variable", async () => {
    await expectRefusal(
      { env: { PAYMENT_SERVICE_PORT: taken } },
      new RegExp(`^Port ${taken} \\(PaymentService\\) .*pid ${process.pid} .*PAYMENT_SERVICE_PORT in \\.env`),
    );
  });

  test("when the port given as --httpPort is in use", async () => {
    await expectRefusal({ args: ["--service", "orders", "--httpPort", taken] }, /^Port \d+ .*--httpPort/);
  });

  test("when the embedded database's port is in use", async () => {
    await expectRefusal(
      { env: { DB_PORT: taken } },
      new RegExp(`^Port ${taken} .*pid ${process.pid} .*DB_PORT`),
    );
  });

  test("when a setting has a wrong value", async () => {
    await expectRefusal({ env: { ORDER_EXPIRY_MINUTES: "soon" } }, /ORDER_EXPIRY_MINUTES .*"soon"/);
  });

  test("when DEBUG is off and there is no SECRET_KEY", async () => {
    await expectRefusal({ env: { DEBUG: "False" } }, /^DEBUG=False needs a SECRET_KEY/);
  });

  test("when DEBUG is on and HOST is more than loopback", async () => {
    await expectRefusal({ env: { HOST: "0.0.0.0" } }, /^DEBUG=True .*HOST is 0\.0\.0\.0/);
  });

  test("when the database does not answer", async () => {
    const [nobody] = await freePorts(1);
    await expectRefusal(
      { env: { DB_HOST: "127.0.0.1", DB_PORT: String(nobody) } },
      new RegExp(`^The database at 127\\.0\\.0\\.1:${nobody} does not answer .*DB_HOST`),
    );
  });

  test("when the data folder cannot be used", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cfmp-order-"));
    try {
      const file = join(folder, "file");
      writeFileSync(file, "");
      await expectRefusal({ env: { DATA_DIR: file } }, /^The data folder .*DATA_DIR/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("when a service is asked for that does not exist", async () => {
    await expectRefusal({ args: ["--service", "carts"] }, /"carts".*orders, payments, notifications/);
  });
});
