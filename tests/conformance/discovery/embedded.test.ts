import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { until } from "../../support/poll.ts";
import { NacosHttp } from "./nacos-http.ts";

describe("the embedded registry", () => {
  let registry: EmbeddedRegistry;
  let http: NacosHttp;
  beforeEach(async () => {
    registry = await EmbeddedRegistry.start();
    http = new NacosHttp(registry.address);
  });
  afterEach(() => registry.close());

  const key = { dataId: "cfmp-order", group: "DEFAULT_GROUP" };
  const service = { serviceName: "DEFAULT_GROUP@@Order" };
  const at = { ...service, ip: "127.0.0.1", port: 7001 };

  test("keeps published configurations over a restart", async () => {
    await http.publish({ ...key, content: "kept", type: "text" });
    await http.publish({ ...key, dataId: "removed", content: "gone" });
    await http.removeConfig({ ...key, dataId: "removed" });
    await registry.restart();
    expect(await http.getConfig(key)).toMatchObject({ status: 200, body: "kept" });
    expect((await http.getConfig({ ...key, dataId: "removed" })).status).toBe(404);
  });

  test("starts in spite of a damaged configuration file, and keeps no temporary ones", async () => {
    await http.publish({ ...key, content: "kept" });
    await registry.stop();
    const folder = join(registry.dataDir, "registry", "configs");
    await writeFile(join(folder, "damaged.json"), '{"content":');
    await writeFile(join(folder, "half.tmp"), "x");
    await registry.restart();
    expect(await http.getConfig(key)).toMatchObject({ body: "kept" });
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("keeps the last of many simultaneous publications of one configuration", async () => {
    const contents = Array.from({ length: 50 }, (_, n) => `content ${n}`);
    await Promise.all(contents.map((content) => http.publish({ ...key, content })));
    const before = await http.getConfig(key);
    await registry.restart();
    expect((await http.getConfig(key)).body).toBe(before.body);
  });

  test.each([3_600_000, -3_600_000])(
    "takes nobody for silent when the clock is set by %d ms",
    async (step) => {
      await http.register(at);
      const soonGone = { "preserved.heart.beat.timeout": "50", "preserved.ip.delete.timeout": "100" };
      const real = Date.now;
      const clock = jest.spyOn(Date, "now").mockImplementation(() => real() + step);
      try {
        await http.register({ ...at, port: 7002, metadata: JSON.stringify(soonGone) });
        // Once this one is gone, the silent ones have been looked for.
        await until("one that is silent is gone", async () => (await http.list(service)).hosts.length === 1);
        expect((await http.list(service)).hosts).toMatchObject([{ port: 7001, healthy: true }]);
      } finally {
        clock.mockRestore();
      }
    },
  );

  test("does not list an instance again whose process has ended, by a heartbeat that was under way", async () => {
    const metadata = { instance: "ended" };
    await http.register({ ...at, metadata: JSON.stringify(metadata) });
    const form = new URLSearchParams({
      ...service,
      beat: JSON.stringify({ ip: at.ip, port: at.port, metadata }),
    }).toString();
    const socket = connect(registry.port, "127.0.0.1");
    const [path, type] = ["/nacos/v1/ns/instance/beat", "application/x-www-form-urlencoded"];
    const head = `PUT ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: ${type}`;
    socket.write(`${head}\r\ncontent-length: ${form.length}\r\n\r\n${form.slice(0, 10)}`);
    registry.instanceEnded("ended");
    socket.write(form.slice(10));
    expect(await text(socket)).toContain("has ended");
    expect((await http.list(service)).hosts).toEqual([]);

    registry.instanceLives("ended");
    expect((await http.request("PUT", "/v1/ns/instance/beat", form)).status).toBe(200);
    expect((await http.list(service)).hosts).toMatchObject([{ port: at.port, healthy: true }]);
  });

  test("an operator's tool for Nacos 2 sets an instance whole by PUT, in part by PATCH", async () => {
    await http.register({ ...at, weight: 3, metadata: '{"zone":"a","version":"1"}' });
    await http.call("PUT", "/v1/ns/instance", { ...at, weight: 0, metadata: '{"zone":"b"}' });
    const metadata = { zone: "b", version: "1" };
    expect((await http.list(service)).hosts).toMatchObject([{ weight: 0, metadata }]);

    await http.call("PATCH", "/v1/ns/instance", { ...at, enabled: false });
    expect((await http.list(service)).hosts).toEqual([]);
    await http.register(at);
    await http.beat(at);
    expect((await http.list(service)).hosts).toEqual([]);

    await http.call("PATCH", "/v1/ns/instance", { ...at, enabled: true });
    expect((await http.list(service)).hosts).toMatchObject([{ weight: 0, metadata: { zone: "b" } }]);
    await http.call("PUT", "/v1/ns/instance", at);
    expect((await http.list(service)).hosts).toMatchObject([{ weight: 1, metadata: {} }]);
    expect((await http.call("GET", "/v1/ns/instance", at)).json()).toMatchObject({ port: 7001, weight: 1 });
    expect((await http.request("PUT", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1")).status).toBe(400);
    const unknown = "/v1/ns/instance?serviceName=Order&ip=127.0.0.1&port=9";
    for (const method of ["GET", "PATCH"]) expect((await http.request(method, unknown)).status).toBe(404);
  });

  test("a tool for Nacos 2 searches configurations, and reads one with all that is known", async () => {
    const other = { dataId: "cfmp-payment", group: "DEFAULT_GROUP" };
    await http.publish({ ...key, content: "one", type: "json" });
    await http.publish({ ...other, content: "two" });
    const found = async (params: object) =>
      (
        await http.call("GET", "/v1/cs/configs", {
          dataId: "",
          group: "",
          pageNo: 1,
          pageSize: 10,
          ...params,
        })
      ).json();
    expect(await found({ search: "accurate" })).toMatchObject({ totalCount: 2, pagesAvailable: 1 });
    const one = { ...key, content: "one", type: "json", tenant: "public" };
    expect(await found({ search: "blur", dataId: "cfmp-o*" })).toMatchObject({
      totalCount: 1,
      pageItems: [one],
    });
    expect((await http.call("GET", "/v1/cs/configs", { ...key, show: "all" })).json()).toMatchObject(one);
    expect((await http.call("GET", "/v1/cs/configs", { ...key, dataId: "none", show: "all" })).body).toBe("");
    expect((await http.request("GET", "/v1/cs/configs?search=blur&dataId=&group=")).status).toBe(400);
  });

  test("refuses every v3 request in Nacos' envelope", async () => {
    const json = { "content-type": "application/json" };
    for (const [method, path, status, code] of [
      ["GET", "/v3/admin/nonsense", 404, 40_001],
      ["PATCH", "/v3/client/ns/instance", 404, 40_001],
      ["GET", "/v3/client/ns/instance/list?serviceName=%20", 400, 20_002],
    ] as const) {
      const reply = await http.request(method, path);
      expect([reply.status, reply.json()]).toEqual([status, expect.objectContaining({ code })]);
    }
    const reply = await http.request("POST", "/v3/admin/cs/config", "{}", json);
    expect([reply.status, reply.json()]).toEqual([415, expect.objectContaining({ code: 20_003 })]);
  });

  test("ends a long poll when there is no change", async () => {
    expect(await http.listen(key, "", 200)).toBe("");
  });

  test("aims datagrams at the asker, whatever address it claims", async () => {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const pushed = once(socket, "message");
    await http.list({ ...service, udpPort: socket.address().port, clientIP: "192.0.2.77" });
    await http.register(at);
    expect(JSON.parse(String((await pushed)[0]))).toMatchObject({ type: "dom" });
    socket.close();
  });

  test.each([
    ["GET", "/", 404],
    ["GET", "/v1/ns/nonsense", 404],
    ["POST", "/v1/ns/instance/list?serviceName=x", 404],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&metadata=%7Bbad", 400],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&metadata=%5B1%5D", 400],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&weight=NaN", 400],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1&healthy=maybe", 400],
    ["POST", "/v1/ns/instance?serviceName=@@x&ip=127.0.0.1&port=1", 400],
    ["POST", "/v1/ns/instance?serviceName=..%2F..%2Fx&ip=127.0.0.1&port=1", 400],
    ["PUT", "/v1/ns/instance/beat?serviceName=x&beat=nonsense", 400],
    ["PUT", "/v1/ns/instance/beat?serviceName=x&beat=null", 400],
    ["PUT", "/v1/ns/instance/beat?serviceName=x&beat=%7B%22ip%22%3A%221%22%2C%22port%22%3A1e9%7D", 400],
    ["GET", "/v1/ns/instance/list?serviceName=x&udpPort=-1", 400],
    ["GET", "/v1/ns/service/list?pageNo=1&pageSize=1e9", 400],
    ["GET", "/v1/cs/configs?dataId=x&group=%00", 400],
    ["GET", "/v3/client/cs/config?groupName=x", 400],
    ["GET", "/v3/client/ns/instance/list", 400],
  ])("answers %s %s with %d", async (method, path, status) => {
    expect((await http.request(method, path)).status).toBe(status);
    expect(await http.metrics()).toEqual({ status: "UP" });
  });

  test("refuses a heartbeat without plain values where they are needed, and with metadata that are too long", async () => {
    const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const beat = { ip: '"127.0.0.1"', port: "7001", weight: "1", cluster: '"DEFAULT"', metadata: "{}" };
    const odd = ["null", "{}", "[]", '{"toString":1}', '["127.0.0.1"]', nested];
    const wrong: [keyof typeof beat, string][] = [
      ...(["ip", "port"] as const).flatMap((field) =>
        odd.map((value): [typeof field, string] => [field, value]),
      ),
      ...["[]", "7", '"text"', '{"list":[]}', `{"deep":${nested}}`, nested].map(
        (value): ["metadata", string] => ["metadata", value],
      ),
      ["metadata", JSON.stringify({ text: "x".repeat(1_024) })],
      ["weight", "10001"],
      ["cluster", '"a b"'],
    ];
    for (const [field, value] of wrong) {
      const fields = Object.entries({ ...beat, [field]: value }).map(([name, json]) => `"${name}":${json}`);
      const form = new URLSearchParams({ ...service, beat: `{${fields}}` }).toString();
      const { status } = await http.request("PUT", "/v1/ns/instance/beat", form);
      expect({ field, value: value.slice(0, 20), status }).toEqual({
        field,
        value: value.slice(0, 20),
        status: 400,
      });
    }
    expect((await http.list(service)).hosts).toEqual([]);
  });

  test("refuses a body too large, one that is no form, and any web page", async () => {
    const json = { "content-type": "application/json" };
    expect((await http.request("POST", "/v1/cs/configs", "{}", json)).status).toBe(415);
    const page = { origin: "https://example.com" };
    expect((await http.request("POST", "/v1/cs/configs", "dataId=a&group=b&content=c", page)).status).toBe(
      403,
    );
    const huge = `dataId=a&group=b&content=${"x".repeat(10 * 1024 * 1024)}`;
    const status = await http.request("POST", "/v1/cs/configs", huge).then(
      (reply) => reply.status,
      () => "connection closed",
    );
    expect([413, "connection closed"]).toContain(status);
    expect(await http.metrics()).toEqual({ status: "UP" });
  });

  test("survives clients that break off, send no HTTP or too much of it", async () => {
    const garbage = connect(registry.port, "127.0.0.1");
    garbage.write("\u0000\u0001 nonsense\r\n\r\n");
    expect(await text(garbage)).toContain("400 Bad Request");

    const half = connect(registry.port, "127.0.0.1");
    half.write("POST /nacos/v1/cs/configs HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\ndataId=");
    half.end();
    await text(half);

    const long = `/v1/ns/instance/list?serviceName=${"x".repeat(70_000)}`;
    expect((await http.request("GET", long)).status).toBe(431);
    expect(await http.metrics()).toEqual({ status: "UP" });
  });

  test("says which port is in use", async () => {
    await expect(EmbeddedRegistry.start(registry.port)).rejects.toMatchObject({
      code: "registry_listen_failed",
      message: expect.stringContaining(registry.address),
    });
  });
});
