import { describe, expect, test } from "@jest/globals";
import { sampleWorld } from "../test-world.ts";

describe("creating a sample item", () => {
  test("gives an open one, and shows nothing internal", async () => {
    const { made } = sampleWorld();
    const { status, body } = await made("ann");
    expect([status, body.user_id, body.status, body.note]).toEqual([201, "ann", "open", "a note"]);
    expect(JSON.stringify(body)).not.toContain("fingerprint");
  });

  test("again under the same key gives the same one", async () => {
    const { made } = sampleWorld();
    const first = await made("ann", "a note", "key-1");
    const again = await made("ann", "a note", "key-1");
    expect(again.body).toEqual(first.body);
    expect(again.headers).toEqual({ "idempotent-replayed": "true" });
    expect((await made("bob", "a note", "key-1")).body.id).not.toBe(first.body.id);
  });

  test("is refused under a key that was used with another body", async () => {
    const { made } = sampleWorld();
    await made("ann", "a note", "key-1");
    await expect(made("ann", "another", "key-1")).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });
});
