import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type ApiSetting, type ApiVersion, apiChoice, NacosApi } from "./api.ts";
import { RegistryRefused, RegistryUnavailable } from "./errors.ts";

const SERVER = "127.0.0.1:8848";

describe("which API a server supports", () => {
  let now: number;
  let detected: ApiVersion[];
  /** Status of each API's answer; "dead": no answer. */
  let has: Record<"v1" | "v3", number | "dead"> & { grpc?: 200 | "dead" };
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
  /** When an attempt to connect by gRPC ends. */
  let hides: Promise<void> | undefined;
  beforeEach(() => {
    now = 0;
    hides = undefined;
    detected = [];
    has = { v1: 200, v3: 200 };
    transport.generation = 1;
  });
  const grpc = {
    async connect() {
      await new Promise(setImmediate);
      detected.push("grpc");
      await hides;
      if (has.grpc !== 200) throw new RegistryUnavailable(SERVER, "no answer");
    },
  };
  const create = (choice: ApiSetting = "auto", frozen = false) => {
    const scope = { namespace: "public", group: "G" };
    return new NacosApi({ transport, grpc, ...apiChoice(choice, frozen), ...scope, clock: () => now });
  };

  test.each<ApiVersion>(["v1", "v3", "grpc"])("a set %s is believed without a question", async (choice) => {
    has = { v1: "dead", v3: "dead" };
    expect(await create(choice).version()).toBe(choice);
    expect(detected).toEqual([]);
  });

  test("v1 where all work; v3 in a process that is frozen between requests, also instead of a set gRPC", async () => {
    has = { v1: 200, v3: 200, grpc: 200 };
    expect(await create().version()).toBe("v1");
    expect(await create("auto", true).version()).toBe("v3");
    expect(await create("grpc", true).version()).toBe("v3");
    expect(await create("v1", true).version()).toBe("v1");
    expect(detected).toEqual(["v1", "v3", "v3"]);
  });

  test("gRPC where v1 is gone, and v3 while nobody answers there", async () => {
    has = { v1: 410, v3: 200, grpc: 200 };
    expect(await create().version()).toBe("grpc");
    has = { v1: 410, v3: 200, grpc: "dead" };
    const api = create();
    expect(await api.version()).toBe("v3");
    has = { v1: 410, v3: 200, grpc: 200 };
    now += 29_000;
    expect(await api.version()).toBe("v3");
    now += 2_000;
    await until("gRPC is used", async () => (await api.version()) === "grpc");
  });

  test("v3 goes on to be used while a port that a firewall hides is tried again for gRPC", async () => {
    has = { v1: 410, v3: 200, grpc: "dead" };
    const api = create();
    expect(await api.version()).toBe("v3");
    now += 31_000;
    const hidden = Promise.withResolvers<void>();
    hides = hidden.promise;
    detected = [];
    for (let calls = 0; calls < 3; calls += 1) expect(await api.version()).toBe("v3");
    await until("gRPC is tried", () => detected.includes("grpc"));
    expect(await api.version()).toBe("v3");
    hidden.resolve();
    await until("v3 is detected again", () => detected.at(-1) === "v3");
    expect(await api.version()).toBe("v3");
    expect(detected).toEqual(["v1", "grpc", "v3"]);
  });

  test.each([404, 410, 501])("the other one where the first answers %d", async (status) => {
    has = { v1: status, v3: 200 };
    expect(await create().version()).toBe("v3");
    has = { v1: 200, v3: status };
    expect(await create("auto", true).version()).toBe("v1");
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
    expect(detected).toEqual(["v1", "v1", "grpc", "v3"]);
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
    expect(detected).toHaveLength(9);
    has = { v1: 404, v3: 200 };
    now += 1_000;
    expect(await api.version()).toBe("v3");
  });

  describe("work", () => {
    const use = (api: NacosApi) => {
      const used: ApiVersion[] = [];
      const work = async (version: ApiVersion) => {
        used.push(version);
        const status = has[version] ?? "dead";
        if (status === "dead") throw new RegistryUnavailable(SERVER, "no answer");
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

    test("is done once more by another API when the server no longer answers by gRPC, but over HTTP", async () => {
      has = { v1: 404, v3: 200, grpc: 200 };
      const api = create();
      expect(await api.version()).toBe("grpc");
      has = { v1: 200, v3: 200, grpc: "dead" };
      expect(await use(api).result).toBe("v1");
      has = { v1: "dead", v3: "dead", grpc: "dead" };
      await expect(use(create("grpc")).result).rejects.toMatchObject({ code: "registry_unavailable" });
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
