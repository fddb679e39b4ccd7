// What prevents the start is reported in one line, with what to do about it; and no process remains.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { freePortGroup, freePorts, portOf } from "../../support/free-ports.ts";
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

  test.each([
    ["two of the helper process", "DB_PORT", "MAIL_SMTP_PORT", /embedded database and for the mail catcher/],
    [
      "the helper process and a service",
      "DB_PORT",
      "PAYMENT_SERVICE_PORT",
      /embedded database and for PaymentService/,
    ],
    ["a service and the gateway", "ORDER_SERVICE_PORT", "GATEWAY_PORT", /OrderService and for the gateway/],
  ])("when %s have the same port", async (_, one, other, line) => {
    const [port = 0] = await freePorts(1);
    await expectRefusal(
      { env: { [one]: String(port), [other]: String(port) } },
      new RegExp(`^Port ${port} is set for .*${line.source}\\. Change ${other} in \\.env`),
    );
  });

  test("when a service has the port of the registry's gRPC", async () => {
    const port = await freePortGroup([0, GRPC_PORT_OFFSET]);
    const grpc = String(port + GRPC_PORT_OFFSET);
    await expectRefusal(
      { env: { NACOS_SERVER: `127.0.0.1:${port}`, PAYMENT_SERVICE_PORT: grpc } },
      new RegExp(
        `^Port ${grpc} is set for the embedded registry's gRPC and for PaymentService\\. Change PAYMENT`,
      ),
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

  describe("when a folder cannot be made or written", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "cfmp-order-"));
      writeFileSync(join(folder, "file"), "");
      mkdirSync(join(folder, "data", "database", "LOCK"), { recursive: true });
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each([
      ["a file", () => join(folder, "file"), /^The data folder .*Move the file away.*DATA_DIR/],
      ["below a file", () => join(folder, "file", "data"), /^The data folder .*Move the file away.*DATA_DIR/],
      ["where none can be made", () => "/proc/nothing/data", /^The data folder .*DATA_DIR/],
      [
        "with something in the way of the database",
        () => join(folder, "data"),
        /^The data folder .*DATA_DIR/,
      ],
      [
        "with a restore that was broken off",
        () => {
          mkdirSync(join(folder, "restoring", "database.restoring"), { recursive: true });
          return join(folder, "restoring");
        },
        /^A restore into .* was broken off\. Restore the backup again/,
      ],
    ])("DATA_DIR: %s", async (_, path, line) => {
      await expectRefusal({ env: { DATA_DIR: path() } }, line);
    });

    test.each([
      ["a file", () => join(folder, "file"), /^Logs cannot be written .*Move the file away.*LOG_DIR/],
      ["where none can be made", () => "/proc/nothing/logs", /^Logs cannot be written .*LOG_DIR/],
    ])("LOG_DIR: %s", async (_, path, line) => {
      await expectRefusal({ env: { LOG_DIR: path() } }, line);
    });
  });

  test("when a requested service does not exist", async () => {
    await expectRefusal({ args: ["--service", "carts"] }, /"carts".*orders, payments, notifications/);
  });
});
