// Configuration by Nacos' v1 and v3 APIs: what any registry must answer.

import { createHash, randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { eventually } from "../../support/poll.ts";
import { openRegistry, registryName } from "./registry-under-test.ts";

const { http } = await openRegistry();
const { v3 } = http;

const ADMIN_CONFIG = "/v3/admin/cs/config";
const newKey = () => ({ dataId: `cfg-${randomUUID()}`, group: "DEFAULT_GROUP" });
const newV3Key = () => ({ dataId: `cfg-${randomUUID()}`, groupName: "DEFAULT_GROUP" });
const read = (key: Parameters<typeof v3>[2]) => v3("GET", "/v3/client/cs/config", key);
const configPage = z.object({
  totalCount: z.number(),
  pageNumber: z.number(),
  pagesAvailable: z.number(),
  pageItems: z.array(z.looseObject({ dataId: z.string() })),
});
const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

describe(`${registryName}, as a Nacos registry: configuration by v1`, () => {
  test("publishes, answers with its MD5, and deletes", async () => {
    const key = newKey();
    expect((await http.getConfig(key)).status).toBe(404);
    await http.publish({ ...key, content: "page_size: 10 中文", type: "yaml" });
    await eventually(async () => {
      const reply = await http.getConfig(key);
      expect(reply).toMatchObject({ status: 200, body: "page_size: 10 中文" });
      expect(reply.md5).toBe(md5("page_size: 10 中文"));
    });
    await http.removeConfig(key);
    await eventually(async () => expect((await http.getConfig(key)).status).toBe(404));
  });

  test("keeps namespaces apart, also for listeners; the empty one is `public`", async () => {
    const key = newKey();
    await http.publish({ ...key, tenant: "other", content: "there" });
    await eventually(async () =>
      expect(await http.getConfig({ ...key, tenant: "other" })).toMatchObject({ body: "there" }),
    );
    expect((await http.getConfig(key)).status).toBe(404);
    const elsewhere = `${key.dataId}\u0002${key.group}\u0002other\u0001`;
    expect(await http.listen({ ...key, tenant: "other" }, "", 30_000)).toBe(elsewhere);
    await http.publish({ ...key, content: "here" });
    await eventually(async () =>
      expect(await http.getConfig({ ...key, tenant: "public" })).toMatchObject({ body: "here" }),
    );
  });

  test("a type that is none counts as text", async () => {
    const key = newKey();
    await http.publish({ ...key, content: "{}", type: "nonsense" });
    await eventually(async () => expect(await http.getConfig(key)).toMatchObject({ type: "text" }));
    await http.publish({ ...key, content: "{}", type: "json" });
    await eventually(async () => expect(await http.getConfig(key)).toMatchObject({ type: "json" }));
  });

  test("a listener that is behind gets a reply at once, one that is up to date at the next change", async () => {
    const key = newKey();
    await http.publish({ ...key, content: "one" });
    const changed = `${key.dataId}\u0002${key.group}\u0001`;
    await eventually(async () => expect(await http.listen(key, md5("zero"), 30_000)).toBe(changed));
    await eventually(async () => expect((await http.getConfig(key)).body).toBe("one"));

    const waiting = http.listen(key, md5("one"), 30_000);
    await http.publish({ ...key, content: "two" });
    expect(await waiting).toBe(changed);
  });

  test("replaces a content only if it is the one that the client knows", async () => {
    const key = newKey();
    expect((await http.publishIf({ ...key, content: "one" }, md5("none there yet"))).status).toBe(200);
    await eventually(async () => expect((await http.getConfig(key)).body).toBe("one"));
    const late = await http.publishIf({ ...key, content: "two" }, md5("zero"));
    expect([late.status, late.json()]).toEqual([500, false]);
    expect((await http.getConfig(key)).body).toBe("one");
    expect((await http.publishIf({ ...key, content: "two" }, md5("one"))).json()).toBe(true);
    await eventually(async () => expect((await http.getConfig(key)).body).toBe("two"));
  });

  test("refuses what has no name or no content", async () => {
    expect((await http.request("POST", "/v1/cs/configs", "group=G&content=x")).status).toBe(400);
    expect((await http.request("POST", "/v1/cs/configs", "dataId=x&group=G&content=")).status).toBe(400);
    expect((await http.request("POST", "/v1/cs/configs", "dataId=a/b&group=G&content=x")).status).toBe(400);
    expect((await http.request("POST", "/v1/cs/configs/listener", "x=y")).status).toBe(400);
  });
});

describe(`${registryName}, as a Nacos registry: configuration by v3`, () => {
  test("what v1 published is read here", async () => {
    const key = newV3Key();
    expect(await read(key)).toMatchObject({ status: 200, code: 20_004, data: null });
    await http.publish({ dataId: key.dataId, group: key.groupName, content: "{}", type: "json" });
    await eventually(async () =>
      expect(await read(key)).toMatchObject({
        status: 200,
        code: 0,
        data: { resultCode: 200, content: "{}", contentType: "json", md5: md5("{}"), success: true },
      }),
    );
  });

  test("an operator publishes, reads and removes; v1 sees the same", async () => {
    const key = newV3Key();
    const v1 = { dataId: key.dataId, group: key.groupName };
    expect(await v3("GET", ADMIN_CONFIG, key)).toMatchObject({ status: 404, code: 20_004 });
    const content = "页: 10\nx: 'a&b=c'";
    expect(await v3("POST", ADMIN_CONFIG, { ...key, content, type: "yaml" })).toMatchObject({
      status: 200,
      code: 0,
      data: true,
    });
    await eventually(async () => {
      expect(await read(key)).toMatchObject({ data: { content, contentType: "yaml" } });
      expect(await http.getConfig(v1)).toMatchObject({ status: 200, body: content, type: "yaml" });
    });
    expect(await v3("GET", ADMIN_CONFIG, key)).toMatchObject({
      code: 0,
      data: { ...key, namespaceId: "public", content, type: "yaml", md5: md5(content) },
    });
    expect(await v3("DELETE", ADMIN_CONFIG, key)).toMatchObject({ code: 0, data: true });
    await eventually(async () => expect((await http.getConfig(v1)).status).toBe(404));
    expect(await read(key)).toMatchObject({ code: 20_004 });
    expect(await v3("DELETE", ADMIN_CONFIG, key)).toMatchObject({ code: 0, data: true });
  });

  test("keeps namespaces apart", async () => {
    const key = newV3Key();
    await v3("POST", ADMIN_CONFIG, { ...key, namespaceId: "other", content: "there" });
    await eventually(async () =>
      expect(await read({ ...key, namespaceId: "other" })).toMatchObject({ data: { content: "there" } }),
    );
    expect(await read(key)).toMatchObject({ code: 20_004 });
    expect(await read({ ...key, namespaceId: "public" })).toMatchObject({ code: 20_004 });
  });

  test("replaces a content only if it is the one that the operator knows", async () => {
    const key = newV3Key();
    await v3("POST", ADMIN_CONFIG, { ...key, content: "one" });
    await eventually(async () => expect(await read(key)).toMatchObject({ data: { content: "one" } }));
    const two = { ...key, content: "two" };
    const late = await v3("POST", ADMIN_CONFIG, two, { casMd5: md5("zero") });
    expect(late).toMatchObject({ status: 500, code: 20_005 });
    expect(await v3("POST", ADMIN_CONFIG, two, { casMd5: md5("one") })).toMatchObject({
      code: 0,
      data: true,
    });
    await eventually(async () => expect(await read(key)).toMatchObject({ data: { content: "two" } }));
  });

  test("lists configurations by exact names, or by names with an asterisk", async () => {
    const groupName = `G-${randomUUID().slice(0, 8)}`;
    for (const [dataId, type] of [
      ["order.json", "json"],
      ["order.yaml", "yaml"],
      ["payment.json", "json"],
    ] as const)
      await v3("POST", ADMIN_CONFIG, { dataId, groupName, content: `of ${dataId}`, type });
    const found = async (query: Record<string, string | number>) => {
      const { data } = await v3("GET", `${ADMIN_CONFIG}/list`, {
        groupName,
        pageNo: 1,
        pageSize: 10,
        ...query,
      });
      const { pageItems, ...page } = configPage.parse(data);
      return { ...page, names: pageItems.map(({ dataId }) => dataId).sort() };
    };
    await eventually(async () =>
      expect(await found({})).toEqual({
        totalCount: 3,
        pageNumber: 1,
        pagesAvailable: 1,
        names: ["order.json", "order.yaml", "payment.json"],
      }),
    );
    expect((await found({ dataId: "order*", search: "blur" })).names).toEqual(["order.json", "order.yaml"]);
    expect((await found({ dataId: "order" })).names).toEqual([]);
    expect((await found({ dataId: "order.yaml", search: "accurate" })).names).toEqual(["order.yaml"]);
    expect((await found({ type: "json" })).names).toEqual(["order.json", "payment.json"]);
    expect((await found({ configDetail: "*yaml" })).names).toEqual(["order.yaml"]);
    expect(await found({ pageNo: 2, pageSize: 2 })).toMatchObject({
      totalCount: 3,
      pageNumber: 2,
      pagesAvailable: 2,
    });
    expect((await found({ namespaceId: "other" })).names).toEqual([]);
    expect((await v3("GET", `${ADMIN_CONFIG}/list`, { pageNo: 0 })).code).toBe(20_002);
    // An asterisk needs `search=blur`.
    for (const search of ["accurate", "other"])
      expect((await v3("GET", `${ADMIN_CONFIG}/list`, { dataId: "order*", search })).status).toBe(400);
  });

  test("wakes v1's listeners", async () => {
    const key = newV3Key();
    const v1 = { dataId: key.dataId, group: key.groupName };
    await v3("POST", ADMIN_CONFIG, { ...key, content: "one" });
    await eventually(async () => expect((await http.getConfig(v1)).body).toBe("one"));
    const waiting = http.listen(v1, md5("one"), 30_000);
    await v3("POST", ADMIN_CONFIG, { ...key, content: "two" });
    expect(await waiting).toBe(`${key.dataId}\u0002${key.groupName}\u0001`);
  });

  test.each([
    ["GET", "/v3/client/cs/config", { groupName: "G" }],
    ["POST", ADMIN_CONFIG, { groupName: "G", content: "x" }],
    ["POST", ADMIN_CONFIG, { dataId: "x", groupName: "G" }],
  ])("refuses %s %s %j", async (method, path, params) => {
    expect((await v3(method, path, params)).status).toBe(400);
  });
});
