import { expect, test } from "@jest/globals";
import { sampleWorld, user } from "../test-world.ts";
import { handle as get } from "./get-sample-item.ts";
import { handle as readInternal } from "./read-internal.ts";

test("a sample item is read by its user and by peers, by nobody else", async () => {
  const { service, made } = sampleWorld();
  const { body } = await made("ann");
  const params = { id: body.id };
  expect((await get(service, { params, user: user("ann") })).body).toEqual(body);
  expect((await readInternal(service, { params })).body).toEqual(body);
  await expect(get(service, { params, user: user("bob") })).rejects.toMatchObject({ kind: "not_found" });
});

test("what does not exist is not found", async () => {
  const { service } = sampleWorld();
  const params = { id: "0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47" };
  await expect(get(service, { params, user: user("ann") })).rejects.toMatchObject({ kind: "not_found" });
  await expect(readInternal(service, { params })).rejects.toMatchObject({ kind: "not_found" });
});
