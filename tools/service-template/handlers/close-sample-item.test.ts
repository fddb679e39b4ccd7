import { describe, expect, test } from "@jest/globals";
import { sampleWorld, user } from "../test-world.ts";
import { handle as close } from "./close-sample-item.ts";

describe("closing a sample item", () => {
  test("is for its user", async () => {
    const { service, made } = sampleWorld();
    const params = { id: (await made("ann")).body.id };
    await expect(close(service, { params, user: user("bob") })).rejects.toMatchObject({ kind: "not_found" });
    expect((await close(service, { params, user: user("ann") })).body.status).toBe("closed");
  });

  test("succeeds for one of two at once, and is refused to the other", async () => {
    const { service, made } = sampleWorld();
    const params = { id: (await made("ann")).body.id };
    const once = () => close(service, { params, user: user("ann") });
    const outcomes = await Promise.allSettled([once(), once()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(once()).rejects.toMatchObject({ kind: "conflict", code: "sample_item_not_closable" });
  });

  test("finds nothing to close where there is none", async () => {
    const { service } = sampleWorld();
    const params = { id: "0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47" };
    await expect(close(service, { params, user: user("ann") })).rejects.toMatchObject({ kind: "not_found" });
  });
});
