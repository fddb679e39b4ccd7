// `npm run dev`: the system starts anew when its code changes; database and registry live on meanwhile.

import { utimesSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { commandOf } from "../../support/processes.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { type System, startSystem } from "../../support/system.ts";

describe("npm run dev", () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem({ dev: true });
  });

  afterAll(() => system?.cleanUp());

  const helper = () => system.pids().find((pid) => commandOf(pid).includes("helper/main.ts"));
  const instance = async () =>
    (await listedHosts(system.registryUrl, "OrderService"))[0]?.metadata["instance"];
  const starts = () => system.logs().match(/^Ready in/gm)?.length ?? 0;

  test("starts the system anew when a source file changes, and keeps database and registry", async () => {
    const before = { helper: helper(), instance: await instance() };
    const now = new Date();
    utimesSync(new URL("../../../functions/services.ts", import.meta.url), now, now);
    await until("the system is ready again", () => starts() === 2);
    expect(await instance()).not.toBe(before.instance);
    expect(helper()).toBe(before.helper);
  });

  test("ends with all that it started", async () => {
    expect(await system.stop()).toBe(0);
    await until("no process is left", () => system.pids().length === 0);
  });
});

test("when npm run dev is killed, the system it started drains and ends", async () => {
  const system = await startSystem({ dev: true });
  try {
    await system.kill();
    await until("no process is left", () => system.pids().length === 0);
  } finally {
    await system.cleanUp();
  }
});
