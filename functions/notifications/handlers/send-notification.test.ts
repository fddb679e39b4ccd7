import { describe, expect, test } from "@jest/globals";
import { notifications } from "../contract.ts";
import { scope, testWorld, user } from "../test-world.ts";
import { remove } from "./delete-notification.ts";
import { get } from "./get-notification.ts";
import { read } from "./read-notification.ts";
import { send } from "./send-notification.ts";

const bodySchema = notifications.routes.sendNotification.body;

type Fields = Readonly<Record<string, unknown>>;

/** A request as the handler gets it, its body parsed by the contract. */
function asks(caller: ReturnType<typeof user>, fields: Fields = {}, idempotencyKey?: string) {
  if (!bodySchema) throw new Error("The route has no body");
  const body = bodySchema.parse({ title: "Hello", content: "World", ...fields });
  return { body, user: caller, scope, idempotencyKey };
}

const ann = user("ann", { email: "ann@example.com" });
const robot = user("robot", { scopes: ["notify"] });

describe("Sending a notification", () => {
  test("to oneself answers with it, unread and delivered in the application", async () => {
    const { service, contacts } = testWorld();
    const sent = await send(service, contacts, asks(ann));
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
    const { service, contacts, operations, records } = testWorld();
    await expect(send(service, contacts, asks(ann, { user_id: "bob" }))).rejects.toMatchObject({
      kind: "forbidden",
      code: "scope_missing",
    });
    expect(operations).toEqual([]);
    expect(records.writes).toEqual([]);
  });

  test("to another with the scope reaches that user alone", async () => {
    const { service, contacts } = testWorld();
    const { body } = await send(service, contacts, asks(robot, { user_id: "bob" }));
    expect((await get(service, { params: { id: body.id }, user: user("bob") })).body.title).toBe("Hello");
    await expect(get(service, { params: { id: body.id }, user: robot })).rejects.toMatchObject({
      kind: "not_found",
    });
  });
});

describe("An Idempotency-Key", () => {
  test("makes 20 requests at once one notification", async () => {
    const { service, contacts } = testWorld();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => send(service, contacts, asks(ann, {}, "key-1"))),
    );
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    const replayed = replies.filter((reply) => "headers" in reply);
    expect(replayed).toHaveLength(19);
  });

  test("answers with how the notification stands now", async () => {
    const { service, contacts } = testWorld();
    const first = await send(service, contacts, asks(ann, {}, "key-1"));
    await read(service, { params: { id: first.body.id }, user: ann });
    expect(await send(service, contacts, asks(ann, {}, "key-1"))).toMatchObject({
      status: 201,
      body: { id: first.body.id, read: true },
      headers: { "idempotent-replayed": "true" },
    });
  });

  test("is refused with another body", async () => {
    const { service, contacts } = testWorld();
    await send(service, contacts, asks(ann, {}, "key-1"));
    await expect(send(service, contacts, asks(ann, { title: "Other" }, "key-1"))).rejects.toMatchObject({
      kind: "invalid",
      code: "idempotency_key_reused",
    });
  });

  test("of what was deleted answers that it is gone", async () => {
    const { service, contacts } = testWorld();
    const { body } = await send(service, contacts, asks(ann, {}, "key-1"));
    await remove(service, { params: { id: body.id }, user: ann });
    await expect(send(service, contacts, asks(ann, {}, "key-1"))).rejects.toMatchObject({ kind: "gone" });
  });

  test("tells a sender nothing of what the other user did with it", async () => {
    const { service, contacts } = testWorld();
    const bob = user("bob");
    const first = await send(service, contacts, asks(robot, { user_id: "bob" }, "key-1"));
    await read(service, { params: { id: first.body.id }, user: bob });
    await remove(service, { params: { id: first.body.id }, user: bob });
    expect((await send(service, contacts, asks(robot, { user_id: "bob" }, "key-1"))).body).toEqual(
      first.body,
    );
  });

  test("is each user's own", async () => {
    const { service, contacts } = testWorld();
    const anns = await send(service, contacts, asks(ann, {}, "key-1"));
    const bobs = await send(service, contacts, asks(user("bob"), {}, "key-1"));
    expect(bobs.body.id).not.toBe(anns.body.id);
  });
});

describe("A notification by mail", () => {
  test("goes to the address in one's own token, which the contact book learns", async () => {
    const { service, contacts, records, hints } = testWorld();
    const { body } = await send(service, contacts, asks(ann, { channels: ["email"] }));
    expect(body.channels).toEqual({ in_app: "delivered", email: "pending" });
    expect(hints).toEqual([body.id]);
    expect(records.kept.get("ann")).toBe("ann@example.com");
    expect((await service.store.read(body.id))?.channels.email?.to).toBe("ann@example.com");
  });

  test("goes to another user's address as the contact book knows it", async () => {
    const { service, contacts, records } = testWorld();
    records.kept.set("bob", "bob@example.com");
    const { body } = await send(service, contacts, asks(robot, { user_id: "bob", channels: ["email"] }));
    expect((await service.store.read(body.id))?.channels.email?.to).toBe("bob@example.com");
  });

  test("is unreachable, and says so, where no address is known", async () => {
    const { service, contacts, hints } = testWorld();
    const { body } = await send(
      service,
      contacts,
      asks(robot, { user_id: "bob", channels: ["in_app", "email"] }),
    );
    expect(body.channels).toEqual({ in_app: "delivered", email: "unreachable" });
    expect(hints).toEqual([]);
  });

  test("never shows the address", async () => {
    const { service, contacts } = testWorld();
    const { body } = await send(service, contacts, asks(ann, { channels: ["email"] }));
    expect(JSON.stringify(body)).not.toContain("@");
  });

  test("takes no address from a request", () => {
    expect(bodySchema?.safeParse({ title: "a", content: "b", email: "eve@example.com" }).success).toBe(false);
  });
});
