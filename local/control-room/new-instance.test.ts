import { expect, test } from "@jest/globals";
import { instanceBeside, instanceInPlace } from "./new-instance.ts";
import { testReport } from "./test-reports.ts";

const PORTS = {
  ORDER_SERVICE_PORT: "8101",
  PAYMENT_SERVICE_PORT: "8102",
  GATEWAY_PORT: "8100",
  METRICS_PORT: "9464",
};
const argv = ["serverless.js", "offline", "start"];
const command = { exec_path: "node", exec_argv: [], cwd: "/", argv, env: { ...PORTS, HOST: "127.0.0.2" } };

test("another instance has the same command and host, and ports of its own", async () => {
  const other = await instanceBeside(testReport("1", { command }));
  expect(other.command).toEqual(command);
  const { HOST, ...own } = other.env;
  expect(HOST).toBe("127.0.0.2");
  expect(Object.keys(own)).toEqual(Object.keys(PORTS));
  const ports = Object.values(own).map(Number);
  expect(new Set([...ports, ...Object.values(PORTS).map(Number)]).size).toBe(2 * ports.length);
  expect(ports.every((port) => port > 1_023)).toBe(true);
});

test.each([[["--httpPort", "8011"]], [["--httpPort=8011"]]])(
  "it does not listen where the first one does, in spite of %j, and what is off stays off",
  async (port) => {
    const env = { ORDER_SERVICE_PORT: "8011", GATEWAY_PORT: "off", METRICS_PORT: "off" };
    const first = { ...command, argv: [...argv, ...port, "--service", "orders"], env };
    const other = await instanceBeside(testReport("1", { command: first }));
    expect(other.command.argv).toEqual([...argv, "--service", "orders"]);
    expect(other.env).toMatchObject({ GATEWAY_PORT: "off", METRICS_PORT: "off" });
    expect(other.env["ORDER_SERVICE_PORT"]).not.toBe("8011");
  },
);

test("one that is started again listens where it did, also if it was killed before its gateway was open", () => {
  const report = testReport("2", { command, state: "starting", gateway_url: null });
  expect(instanceInPlace(report)).toEqual({ command, env: command.env });
});
