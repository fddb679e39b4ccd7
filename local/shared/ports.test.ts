import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { freePorts, portOf } from "../../tests/support/free-ports.ts";
import { portHolder, requireFreePorts } from "./ports.ts";

let server: Server;
let taken: number;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  taken = portOf(server);
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const wanted = (port: number, purpose = "OrderService") => ({ port, purpose, setting: `${purpose} in .env` });

describe("ports", () => {
  test("that are free pass, and stay free", async () => {
    const [free = 0] = await freePorts(1);
    await requireFreePorts("127.0.0.1", [wanted(free)]);
    await requireFreePorts("127.0.0.1", [wanted(free)]);
  });

  test("in use are named, with their holder and the setting to change", async () => {
    await expect(requireFreePorts("127.0.0.1", [wanted(taken)])).rejects.toMatchObject({
      code: "port_in_use",
      message: expect.stringMatching(
        new RegExp(
          `^Port ${taken} \\(OrderService\\) is in use by pid ${process.pid} \\(.+\\)\\. Set OrderService in \\.env`,
        ),
      ),
    });
  });

  test("given to two services are refused", async () => {
    const [free = 0] = await freePorts(1);
    await expect(
      requireFreePorts("127.0.0.1", [wanted(free), wanted(free, "PaymentService")]),
    ).rejects.toMatchObject({
      code: "port_twice",
      message: expect.stringContaining("PaymentService in .env"),
    });
  });

  test("of an address that is not this machine's are refused", async () => {
    await expect(requireFreePorts("192.0.2.1", [wanted(taken)])).rejects.toMatchObject({
      code: "port_unusable",
    });
  });
});

test("nobody holds a free port", async () => {
  const [free = 0] = await freePorts(1);
  expect(await portHolder(free)).toBeUndefined();
});
