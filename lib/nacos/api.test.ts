import { beforeEach, describe, expect, test } from "@jest/globals";
import { type ApiVersion, NacosApi } from "./api.ts";
import { RegistryRefused, RegistryUnavailable } from "./errors.ts";

const SERVER = "127.0.0.1:8848";

describe("which API a server supports", () => {
  let now: number;
  let detected: ApiVersion[];
  /** Status of each API's answer; "dead": no answer. */
  let has: { v1: number | "dead"; v3: number | "dead" };
  const transport = {
    server: SERVER,
    generation: 1,
    async call(_method: string, path: string) {
      await new Promise(setImmediate);
      const version = path.startsWith("/nacos/v1/ns/") ? "v1" : "v3";
      detected.push(version);
      const status = has[version];
      if (status === "dead") throw new RegistryUnavailable(SERVER, "no answer");
      if (status >= 400) throw new RegistryRefused(SERVER, status, "no");
      return { status, data: "" };
    },
  };
  beforeEach(() => {
    now = 0;
    detected = [];
    has = { v1: 200, v3: 200 };
    transport.generation = 1;
  });
  const create = (choice: ApiVersion | "auto" = "auto", prefer?: ApiVersion) =>
    new NacosApi({ transport, choice, prefer, namespace: "public", group: "G", clock: () => now });

  test.each<ApiVersion>(["v1", "v3"])("a set %s is believed without a question", async (choice) => {
    has = { v1: "dead", v3: "dead" };
    expect(await create(choice).version()).toBe(choice);
    expect(detected).toEqual([]);
  });

  test("v1 where both work, or what is preferred", async () => {
    expect(await create().version()).toBe("v1");
    expect(await create("auto", "v3").version()).toBe("v3");
    expect(detected).toEqual(["v1", "v3"]);
  });

  test.each([404, 410, 501])("the other one where the first answers %d", async (status) => {
    has = { v1: status, v3: 200 };
    expect(await create().version()).toBe("v3");
    has = { v1: 200, v3: status };
    expect(await create("auto", "v3").version()).toBe("v1");
  });

  test.each([400, 401, 403, 405, 429])(
    "a refusal with %d comes from an API that is there",
    async (status) => {
      has = { v1: status, v3: 200 };
      expect(await create().version()).toBe("v1");
    },
  );

  test("a server that does not answer is judged once it does", async () => {
    has = { v1: "dead", v3: 200 };
    const api = create();
    await expect(api.version()).rejects.toMatchObject({ code: "registry_unavailable" });
    has = { v1: 410, v3: "dead" };
    await expect(api.version()).rejects.toMatchObject({ code: "registry_unavailable" });
    has = { v1: 410, v3: 200 };
    expect(await api.version()).toBe("v3");
  });

  test("one detection serves all who wait, and all who come later", async () => {
    const api = create();
    const versions = await Promise.all(Array.from({ length: 20 }, () => api.version()));
    expect(new Set(versions)).toEqual(new Set(["v1"]));
    await api.version();
    expect(detected).toEqual(["v1"]);
  });

  test("is detected again after an outage: another version may have been started", async () => {
    const api = create();
    expect(await api.version()).toBe("v1");
    has = { v1: 404, v3: 200 };
    expect(await api.version()).toBe("v1");
    transport.generation += 1;
    expect(await api.version()).toBe("v3");
    expect(await api.version()).toBe("v3");
    expect(detected).toEqual(["v1", "v1", "v3"]);
  });

  test("a server that is no Nacos is reported as such, and not called each time", async () => {
    has = { v1: 404, v3: 404 };
    const api = create();
    for (let n = 0; n < 50; n += 1) {
      await expect(api.version()).rejects.toMatchObject({
        code: "registry_api_unknown",
        message: expect.stringContaining("NACOS_SERVER"),
      });
      now += 50;
    }
    expect(detected).toHaveLength(6);
    has = { v1: 404, v3: 200 };
    now += 1_000;
    expect(await api.version()).toBe("v3");
  });

  describe("work", () => {
    const use = (api: NacosApi) => {
      const used: ApiVersion[] = [];
      const work = async (version: ApiVersion) => {
        used.push(version);
        const status = has[version];
        if (status !== 200) throw new RegistryRefused(SERVER, Number(status), "no");
        return version;
      };
      return { used, result: api.run(work) };
    };

    test("is done once more by the other API when the first is gone unnoticed", async () => {
      const api = create();
      await api.version();
      has = { v1: 410, v3: 200 };
      const { used, result } = use(api);
      expect(await result).toBe("v3");
      expect(used).toEqual(["v1", "v3"]);
      expect(await api.version()).toBe("v3");
    });

    test("fails as it failed when nothing else is there, or a version is set", async () => {
      has = { v1: 403, v3: 200 };
      await expect(use(create()).result).rejects.toMatchObject({ status: 403 });
      has = { v1: 404, v3: 200 };
      await expect(use(create("v1")).result).rejects.toMatchObject({
        status: 404,
        message: expect.stringContaining("NACOS_API"),
      });
    });
  });
});
