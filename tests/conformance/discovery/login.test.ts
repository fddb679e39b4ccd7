// The embedded registry with an account: who has none gets nothing, whatever the path.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { NacosRegistry } from "../../../lib/discovery/registry/nacos-registry.ts";
import { type ApiSetting, apiChoice } from "../../../lib/nacos/api.ts";
import { NacosTransport } from "../../../lib/nacos/transport.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog } from "../../support/silent-log.ts";
import { NacosHttp } from "./nacos-http.ts";
import { newName } from "./registry-under-test.ts";

const account = { username: "nacos", password: "a+b c%&" };
const LOGINS = ["/v1/auth/login", "/v1/auth/users/login", "/v3/auth/user/login"];
const LIST = "/v1/ns/instance/list?serviceName=x";

let registry: EmbeddedRegistry;
let http: NacosHttp;
beforeAll(async () => {
  registry = await EmbeddedRegistry.startWithGrpc(account);
  http = new NacosHttp(registry.address);
});
afterAll(() => registry.close());

const login = async (path = "/v1/auth/login") => {
  const reply = await http.request("POST", path, String(new URLSearchParams(account)));
  return String(Object(reply.json()).accessToken);
};
const status = async (method: string, path: string, headers?: Record<string, string>) =>
  (await http.request(method, path, undefined, headers)).status;

describe("the embedded registry with an account", () => {
  test.each(LOGINS)("answers %s as Nacos does, to the account in a form or in the query", async (path) => {
    const query = String(new URLSearchParams(account));
    for (const reply of [
      await http.request("POST", path, query),
      await http.request("POST", `${path}?${query}`),
    ]) {
      expect(reply.status).toBe(200);
      const accessToken = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      const expected = { accessToken, tokenTtl: 18_000, globalAdmin: true, username: "nacos" };
      expect(reply.json()).toEqual(expected);
    }
    expect(await status("POST", `${path}?username=nacos&password=wrong`)).toBe(403);
    expect(await status("POST", path)).toBe(403);
  });

  test("takes the token as a parameter and as a header, and the account itself instead", async () => {
    const token = await login();
    expect(await status("GET", `${LIST}&accessToken=${token}`)).toBe(200);
    expect(await status("GET", LIST, { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status("GET", `${LIST}&${new URLSearchParams(account)}`)).toBe(200);
    expect(await status("GET", `${LIST}&username=nacos&password=wrong`)).toBe(403);
    expect(await status("GET", `${LIST}&accessToken=${token}x`)).toBe(403);
  });

  test.each([
    ["GET", LIST],
    ["POST", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1"],
    ["PUT", "/v1/ns/instance/beat?serviceName=x&ip=127.0.0.1&port=1"],
    ["DELETE", "/v1/ns/instance?serviceName=x&ip=127.0.0.1&port=1"],
    ["GET", "/v1/ns/service/list?pageNo=1&pageSize=1"],
    ["GET", "/v1/cs/configs?dataId=x&group=G"],
    ["POST", "/v1/cs/configs?dataId=x&group=G&content=x"],
    ["POST", "/v1/cs/configs/listener"],
    ["GET", "/v3/client/ns/instance/list?serviceName=x"],
    ["GET", "/v3/client/cs/config?dataId=x&groupName=G"],
    ["GET", "/v3/admin/ns/service/list"],
    ["POST", "/v3/admin/cs/config?dataId=x&groupName=G&content=x"],
  ])("refuses %s %s without a token", async (method, path) => {
    expect(await status(method, path)).toBe(403);
  });

  test("says to everybody that it is up", async () => {
    expect(await http.metrics()).toEqual({ status: "UP" });
    expect(await status("GET", "/actuator/health")).toBe(200);
  });

  test("knows its tokens again after a restart", async () => {
    const token = await login();
    await registry.restart();
    expect(await status("GET", `${LIST}&accessToken=${token}`)).toBe(200);
  });

  test("is used with NACOS_USERNAME and NACOS_PASSWORD", async () => {
    const options = { server: registry.address, log: silentLog };
    const transport = new NacosTransport({ ...options, ...account });
    const stranger = new NacosTransport({ ...options, ...account, password: "wrong" });
    const params = { serviceName: "x" };
    expect(await transport.call("GET", "/nacos/v1/ns/instance/list", params)).toMatchObject({ status: 200 });
    await expect(stranger.call("GET", "/nacos/v1/ns/instance/list", params)).rejects.toMatchObject({
      code: "registry_refused",
      message: expect.stringContaining("NACOS_USERNAME"),
    });
    await Promise.all([transport.close(), stranger.close()]);
  });

  test.each<ApiSetting>(["v1", "v3", "grpc"])(
    "is used with them by %s, also after a restart",
    async (api) => {
      const scope = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };
      const client = (password: string) => {
        const login = { username: account.username, password };
        const options = { ...scope, ...apiChoice(api, false), ...login, log: silentLog };
        return new NacosRegistry({ server: registry.address, ...options });
      };
      const [known, stranger] = [client(account.password), client("wrong")];
      const service = newName();
      try {
        await known.register({ service, host: "127.0.0.1", port: 7001, weight: 1, metadata: {} });
        expect(await known.list(service)).toMatchObject([{ port: 7001 }]);
        await expect(stranger.list(service)).rejects.toMatchObject({ code: "registry_refused", status: 403 });
        await registry.restart();
        await eventually(async () => expect(await known.list(service)).toMatchObject([{ port: 7001 }]));
      } finally {
        await Promise.all([known.close(), stranger.close()]);
      }
    },
  );
});
