import { expect, test } from "@jest/globals";
import { instanceBeside, sameAddresses } from "./new-instance.ts";
import { testReport } from "./test-reports.ts";

const service = (name: string) => ({ name, url: "", in_flight: 0, connections: 0 });
const command = { exec_path: "node", exec_argv: [], cwd: "/", argv: ["serverless.js", "offline", "start"] };

test("another instance has the same command and ports of its own", async () => {
  const services = [service("OrderService"), service("PaymentService")];
  const report = testReport("1", { services, gateway_url: "http://127.0.0.1:8000", command });
  const other = await instanceBeside(report, { METRICS_PORT: "9464" });
  expect(other.command).toEqual(command);
  const names = ["ORDER_SERVICE_PORT", "PAYMENT_SERVICE_PORT", "GATEWAY_PORT", "METRICS_PORT"];
  expect(Object.keys(other.env)).toEqual(names);
  const ports = Object.values(other.env).map(Number);
  expect(new Set(ports).size).toBe(names.length);
  expect(ports.every((port) => port > 1_023)).toBe(true);
});

test.each([[["--httpPort", "8011"]], [["--httpPort=8011"]]])(
  "it does not listen where the first one does, in spite of %j",
  async (port) => {
    const first = { ...command, argv: [...command.argv, ...port, "--service", "orders"] };
    const report = testReport("1", { services: [service("OrderService")], command: first });
    const other = await instanceBeside(report, { METRICS_PORT: "off" });
    expect(other.command.argv).toEqual([...command.argv, "--service", "orders"]);
    expect(Object.keys(other.env)).toEqual(["ORDER_SERVICE_PORT"]);
  },
);

test("one that is started again listens where it did, though the helper was started with other ports", () => {
  const at = (name: string, port: number) => ({ ...service(name), url: `http://127.0.0.1:${port}` });
  const services = [at("OrderService", 8_101), at("PaymentService", 8_102)];
  expect(sameAddresses(testReport("2", { services, gateway_url: "http://[::1]:8100" }))).toEqual({
    ORDER_SERVICE_PORT: "8101",
    PAYMENT_SERVICE_PORT: "8102",
    GATEWAY_PORT: "8100",
  });
});
