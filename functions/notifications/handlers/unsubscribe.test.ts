import { describe, expect, test } from "@jest/globals";
import { deriveKeys } from "../../../lib/auth/keys.ts";
import { testWorld, type World } from "../test-world.ts";
import { unsubscribeLinks } from "../unsubscribe-links.ts";
import { handle as confirm } from "./confirm-unsubscribe.ts";
import { handle as unsubscribe } from "./unsubscribe.ts";

const headers = {};
const tokenIn = (url: string | undefined): string => new URL(url ?? "").searchParams.get("token") ?? "";
const tokenOf = ({ service }: World, userId = "ann") =>
  tokenIn(service.ports.unsubscribeLinks.urlFor(userId));

/** A world in which ann wants promotion by mail, but not in the application. */
async function subscribed() {
  const world = testWorld();
  const events = { promotion: { in_app: false, email: true }, message: { email: false } };
  await world.service.readers.prefer("ann", () => ({ locale: "zh-CN", events }));
  const preferences = async () => (await world.service.readers.of("ann")).preferences;
  return { ...world, preferences, events };
}

describe("A link to unsubscribe", () => {
  test("asks, and changes nothing, when it is opened", async () => {
    const world = await subscribed();
    const page = await confirm(world.service, { query: { token: tokenOf(world) }, headers });
    expect(page.status).toBe(200);
    expect(page.body).toContain("您确定不再接收推广邮件吗？");
    expect(page.body).toContain('<form method="post">');
    expect((await world.preferences()).events).toEqual(world.events);
  });

  test("unsubscribes from promotion by mail alone, once or repeatedly, when it is posted to", async () => {
    const world = await subscribed();
    for (let count = 0; count < 2; count += 1) {
      const page = await unsubscribe(world.service, { query: { token: tokenOf(world) }, headers });
      expect(page.status).toBe(200);
      expect(page.body).toContain("您将不再收到推广邮件。");
    }
    const { promotion: _, ...others } = world.events;
    expect(await world.preferences()).toEqual({
      locale: "zh-CN",
      events: { ...others, promotion: { in_app: false } },
    });
  });

  test("leaves no trace of a reader of whom nothing is stored, such as one who was erased", async () => {
    const world = testWorld();
    await unsubscribe(world.service, { query: { token: tokenOf(world) }, headers });
    expect(await world.service.ports.table.get("watermark:ann")).toBeUndefined();
  });

  test.each([
    ["no token", () => ""],
    [
      "a token that was altered",
      (token: string) => `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
    ],
    [
      "a token for another user",
      (token: string) => `${Buffer.from("bob").toString("base64url")}.${token.split(".")[1]}`,
    ],
    ["a token with more parts", (token: string) => `${token}.x`],
  ])("with %s is not valid, and changes nothing", async (_, altered) => {
    const world = await subscribed();
    const query = { token: altered(tokenOf(world)) };
    const page = await confirm(world.service, { query, headers: { "accept-language": "en" } });
    expect(page.body).toContain("This link is not valid any more.");
    expect(page.body).not.toContain("<form");
    await expect(unsubscribe(world.service, { query, headers })).rejects.toMatchObject({ kind: "not_found" });
    expect((await world.preferences()).events).toEqual(world.events);
  });

  test("stays valid after the key was changed, until the old one is given up", () => {
    const [first, second, third] = ["a", "b", "c"].map((letter) => letter.repeat(40)) as [
      string,
      string,
      string,
    ];
    const token = tokenIn(
      unsubscribeLinks(deriveKeys([first], "unsubscribe"), "https://a.example").urlFor("ann"),
    );
    const opened = (secrets: [string, ...string[]]) =>
      unsubscribeLinks(deriveKeys(secrets, "unsubscribe"), undefined).userOf(token);
    expect(opened([second, first])).toBe("ann");
    expect(opened([third, second])).toBeUndefined();
  });

  test("is a page without scripts that no other page may frame", async () => {
    const world = await subscribed();
    const page = await confirm(world.service, { query: { token: tokenOf(world) }, headers });
    expect(page.headers?.["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(page.body).not.toMatch(/<script|\son\w+=|https?:/i);
  });
});
