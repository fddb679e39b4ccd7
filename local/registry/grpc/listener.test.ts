// The gRPC port's first connections, which load what serves them.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { freePortGroup } from "../../../tests/support/free-ports.ts";
import { eventually } from "../../../tests/support/poll.ts";
import { GrpcServices } from "./grpc-services.ts";
import type { GrpcServer } from "./http2-server.ts";
import { GrpcListener } from "./listener.ts";
import { testParts } from "./test-parts.ts";

type Module = Awaited<ReturnType<NonNullable<ConstructorParameters<typeof GrpcListener>[1]>>>;

let folder: string;
let listener: GrpcListener;
let port: number | undefined;
let loads: PromiseWithResolvers<Module>[];
let sockets: Socket[];
let started: number;
let taken: number;

beforeEach(async () => {
  folder = mkdtempSync(`${tmpdir()}/cfmp-registry-`);
  loads = [];
  sockets = [];
  started = 0;
  taken = 0;
  listener = new GrpcListener(await testParts(folder), () => {
    const load = Promise.withResolvers<Module>();
    loads.push(load);
    return load.promise;
  });
  port = await listener.open("127.0.0.1", await freePortGroup([0, GRPC_PORT_OFFSET]));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await listener.close();
  rmSync(folder, { recursive: true });
});

const module: Module = {
  grpcServer: (parts, host): GrpcServer => {
    started += 1;
    return {
      services: new GrpcServices(parts, host),
      take: () => {
        taken += 1;
      },
      close: () => {},
    };
  },
};

async function connected(): Promise<Socket> {
  const before = loads.length;
  const socket = connect(port ?? 0, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  await eventually(() => expect(loads).toHaveLength(before + 1));
  return socket;
}

test("wait until it is loaded, and share it", async () => {
  await connected();
  await connected();
  for (const load of loads) load.resolve(module);
  await eventually(() => expect([started, taken]).toEqual([1, 2]));
});

test("are closed when it can't be loaded; the next one is served", async () => {
  const socket = await connected();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  loads[0]?.reject(new Error("The file can't be read"));
  await closed;
  await connected();
  loads[1]?.resolve(module);
  await eventually(() => expect([started, taken]).toEqual([1, 1]));
});

test("start nothing when the registry has closed meanwhile", async () => {
  await connected();
  await listener.close();
  loads[0]?.resolve(module);
  await loads[0]?.promise;
  await new Promise(setImmediate);
  expect([started, taken]).toEqual([0, 0]);
});
