import { describe, expect, test } from "@jest/globals";
import { notifications } from "../contract.ts";
import { scope, testWorld, user, type World } from "../test-world.ts";
import { handle as remove } from "./delete-notification.ts";
import { handle as get } from "./get-notification.ts";
import { handle as read } from "./read-notification.ts";
import { handle as send } from "./send-notification.ts";

const bodySchema = notifications.routes.sendNotification.body;

type Fields = Readonly<Record<string, unknown>>;

/** A request as the handler gets it, its body parsed by the contract. */
function requestOf(caller: ReturnType<typeof user>, fields: Fields = {}, idempotencyKey?: string) {
  if (!bodySchema) throw new Error("The route has no body");
  const body = bodySchema.parse({ title: "Hello", content: "World", ...fields });
  return { body, user: caller, scope, idempotencyKey };
}

const ann = user("ann", { email: "ann@example.com" });
const robot = user("robot", { scopes: ["notify"] });

describe("Sending a notification", () => {
  test("to oneself answers with it, unread and delivered in the application", async () => {
    const { service } = testWorld();
    const sent = await send(service, requestOf(ann));
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      user_id: "ann",
      type: "system",
      event: "message",
      title: "Hello",
      content: "World",
      related_id: null,
      channels: { in_app: "delivered" },
      read: false,
      created_at: "2026-11-01T12:00:00.000Z",
    });
    expect((await get(service, { params: { id: sent.body.id }, user: ann })).body).toEqual(sent.body);
  });

  test("to another needs the scope `notify`, and writes nothing without it", async () => {
    const { service, operations, records } = testWorld();
    await expect(send(service, requestOf(ann, { user_id: "bob" }))).rejects.toMatchObject({
      kind: "forbidden",
      code: "scope_missing",
    });
    expect(operations).toEqual([]);
    expect(records.writes).toEqual([]);
  });

  test("to another with the scope reaches that user alone", async () => {
    const { service } = testWorld();
    const { body } = await send(service, requestOf(robot, { user_id: "bob" }));
    expect((await get(service, { params: { id: body.id }, user: user("bob") })).body.title).toBe("Hello");
    await expect(get(service, { params: { id: body.id }, user: robot })).rejects.toMatchObject({
      kind: "not_found",
    });
  });
});

describe("An Idempotency-Key", () => {
  test("makes 20 requests at once one notification", async () => {
    const { service } = testWorld();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => send(service, requestOf(ann, {}, "key-1"))),
    );
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    const replayed = replies.filter((reply) => "headers" in reply);
    expect(replayed).toHaveLength(19);
  });

  test("answers with how the notification stands now", async () => {
    const { service } = testWorld();
    const first = await send(service, requestOf(ann, {}, "key-1"));
    await read(service, { params: { id: first.body.id }, user: ann });
    expect(await send(service, requestOf(ann, {}, "key-1"))).toMatchObject({
      status: 201,
      body: { id: first.body.id, read: true },
      headers: { "idempotent-replayed": "true" },
    });
  });

  test("is refused with another body", async () => {
    const { service } = testWorld();
    await send(service, requestOf(ann, {}, "key-1"));
    await expect(send(service, requestOf(ann, { title: "Other" }, "key-1"))).rejects.toMatchObject({
      kind: "invalid",
      code: "idempotency_key_reused",
    });
  });

  test("of what was deleted answers that it is gone", async () => {
    const { service } = testWorld();
    const { body } = await send(service, requestOf(ann, {}, "key-1"));
    await remove(service, { params: { id: body.id }, user: ann });
    await expect(send(service, requestOf(ann, {}, "key-1"))).rejects.toMatchObject({ kind: "gone" });
  });

  test("shows a sender nothing of what the other user did with it", async () => {
    const { service } = testWorld();
    const bob = user("bob");
    const first = await send(service, requestOf(robot, { user_id: "bob" }, "key-1"));
    await read(service, { params: { id: first.body.id }, user: bob });
    await remove(service, { params: { id: first.body.id }, user: bob });
    expect((await send(service, requestOf(robot, { user_id: "bob" }, "key-1"))).body).toEqual(first.body);
  });

  test("is each user's own", async () => {
    const { service } = testWorld();
    const anns = await send(service, requestOf(ann, {}, "key-1"));
    const bobs = await send(service, requestOf(user("bob"), {}, "key-1"));
    expect(bobs.body.id).not.toBe(anns.body.id);
  });
});

const mailTo = async ({ store }: World["service"], id: string) =>
  (await store.read(id))?.outbox
    .flatMap(({ payload }) => (payload.channel === "email" ? payload.to : []))
    .at(0);

describe("A notification by mail", () => {
  test("goes to the address in one's own token, which is kept as their contact", async () => {
    const { service, records, hints } = testWorld();
    const { body } = await send(service, requestOf(ann, { channels: ["email"] }));
    expect(body.channels).toEqual({ in_app: "delivered", email: "pending" });
    expect(hints).toEqual([body.id]);
    expect(records.kept.get("ann")?.email).toBe("ann@example.com");
    expect(await mailTo(service, body.id)).toBe("ann@example.com");
  });

  test("goes to another user's address as their contact has it", async () => {
    const { service, records } = testWorld();
    records.kept.set("bob", { email: "bob@example.com", sells: false });
    const { body } = await send(service, requestOf(robot, { user_id: "bob", channels: ["email"] }));
    expect(await mailTo(service, body.id)).toBe("bob@example.com");
  });

  test("is unreachable, and says so, where no address is known", async () => {
    const { service, hints } = testWorld();
    const { body } = await send(service, requestOf(robot, { user_id: "bob", channels: ["in_app", "email"] }));
    expect(body.channels).toEqual({ in_app: "delivered", email: "unreachable" });
    expect(hints).toEqual([]);
  });

  test("never shows the address", async () => {
    const { service } = testWorld();
    const { body } = await send(service, requestOf(ann, { channels: ["email"] }));
    expect(JSON.stringify(body)).not.toContain("@");
  });

  test("takes no address from a request", () => {
    expect(bodySchema?.safeParse({ title: "a", content: "b", email: "eve@example.com" }).success).toBe(false);
  });
});
