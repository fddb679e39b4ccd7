import { expect, test } from "@jest/globals";
import { LIFETIME_MS } from "./sample-item.ts";
import { sampleWorld } from "./test-world.ts";

test("the sweep closes what is due, once, and nothing else", async () => {
  const { service, clock, made } = sampleWorld();
  const due = (await made("ann")).body.id;
  clock.time += LIFETIME_MS;
  const fresh = (await made("ann")).body.id;
  expect(await service.relay.sweep()).toBe(1);
  expect((await service.store.read(due))?.status).toBe("closed");
  expect((await service.store.read(fresh))?.status).toBe("open");
  expect(await service.relay.sweep()).toBe(0);
});
