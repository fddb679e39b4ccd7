// Where the embedded registry answers otherwise than Nacos 3.1.0, and both on purpose: the tests that keep docs/registry.md true.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../support/poll.ts";
import { type Kind, kind, newName, openRegistry, registryName } from "./registry-under-test.ts";

const { http } = await openRegistry();

interface Difference {
  /** As the page's table names it. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<Kind, number>>;
}

const at = "ip=127.0.0.1&port=7001";
const beat = { ip: "127.0.0.1", port: 7001, weight: 1, cluster: "DEFAULT" };
const json = (value: object): string => encodeURIComponent(JSON.stringify(value));
const DIFFERENCES: readonly Difference[] = [
  {
    what: "`GET`, `PUT`, `PATCH` `/v1/ns/instance`",
    method: "PUT",
    path: `/v1/ns/instance?serviceName=SERVICE&${at}&weight=2`,
    status: { nacos: 410, embedded: 200 },
  },
  {
    what: "metadata that is no JSON object",
    method: "POST",
    path: `/v1/ns/instance?serviceName=SERVICE&${at}&metadata=%7Bbad`,
    status: { nacos: 500, embedded: 400 },
  },
  {
    what: "metadata that is no JSON object",
    method: "POST",
    path: `/v3/client/ns/instance?serviceName=SERVICE&${at}&metadata=%7Bbad`,
    status: { nacos: 500, embedded: 400 },
  },
  {
    what: "a v1 flag that is neither true nor false",
    method: "POST",
    path: `/v1/ns/instance?serviceName=SERVICE&${at}&healthy=maybe`,
    status: { nacos: 200, embedded: 400 },
  },
  {
    what: "a v3 flag that is neither true nor false",
    method: "POST",
    path: `/v3/client/ns/instance?serviceName=SERVICE&${at}&heartBeat=maybe`,
    status: { nacos: 500, embedded: 400 },
  },
  {
    what: "a weight of `NaN`",
    method: "POST",
    path: `/v1/ns/instance?serviceName=SERVICE&${at}&weight=NaN`,
    status: { nacos: 200, embedded: 400 },
  },
  {
    what: "a service name with `/`",
    method: "GET",
    path: "/v1/ns/instance/list?serviceName=a%2Fb",
    status: { nacos: 200, embedded: 400 },
  },
  {
    what: "a heartbeat that is not JSON",
    method: "PUT",
    path: "/v1/ns/instance/beat?serviceName=SERVICE&beat=nonsense",
    status: { nacos: 500, embedded: 400 },
  },
  {
    what: "a heartbeat with values of other types",
    method: "PUT",
    path: `/v1/ns/instance/beat?serviceName=SERVICE&beat=${json({ ...beat, metadata: { deep: {} } })}`,
    status: { nacos: 500, embedded: 400 },
  },
  {
    what: "a heartbeat with metadata of more than 1,024 characters",
    method: "PUT",
    path: `/v1/ns/instance/beat?serviceName=SERVICE&beat=${json({ ...beat, metadata: { long: "x".repeat(1_024) } })}`,
    status: { nacos: 200, embedded: 400 },
  },
  {
    what: "a path with encoded letters",
    method: "GET",
    path: "/v1/ns/%69nstance/list?serviceName=SERVICE",
    status: { nacos: 200, embedded: 404 },
  },
  {
    what: "`show=all`, `search=accurate` and `search=blur` of `/v1/cs/configs`",
    method: "GET",
    path: "/v1/cs/configs?search=blur&dataId=a*&group=&pageNo=1&pageSize=10",
    status: { nacos: 410, embedded: 200 },
  },
  {
    what: "`show=all`, `search=accurate` and `search=blur` of `/v1/cs/configs`",
    method: "GET",
    path: "/v1/cs/configs?show=all&dataId=a&group=G",
    status: { nacos: 410, embedded: 200 },
  },
  {
    what: "a `pageSize` above 2,147,483,647",
    method: "GET",
    path: "/v1/ns/service/list?pageNo=1&pageSize=2147483648",
    status: { nacos: 200, embedded: 400 },
  },
  {
    what: "history of configurations, and other `/v3/admin` paths not listed above",
    method: "GET",
    path: "/v3/admin/cs/history/list?dataId=a&groupName=G&pageNo=1&pageSize=10",
    status: { nacos: 200, embedded: 404 },
  },
  {
    what: "history of configurations, and other `/v3/admin` paths not listed above",
    method: "GET",
    path: "/v3/admin/core/cluster/node/list",
    status: { nacos: 200, embedded: 404 },
  },
  {
    what: "a login at a server without accounts",
    method: "POST",
    path: "/v1/auth/login?username=somebody&password=anything",
    status: { nacos: 500, embedded: 200 },
  },
  {
    what: "a persistent instance in a service of ephemeral ones",
    method: "POST",
    path: `/v3/client/ns/instance?serviceName=SERVICE&${at}&ephemeral=false`,
    status: { nacos: 400, embedded: 200 },
  },
];

const shown = async (instance: Parameters<typeof http.v3>[2]): Promise<unknown> =>
  (await http.v3("GET", "/v3/admin/ns/instance", instance)).data;

describe(`${registryName}, where Nacos and the embedded registry differ`, () => {
  test.each(DIFFERENCES)("$what: $method $path", async ({ method, path, headers, status }) => {
    const serviceName = newName();
    await http.register({ serviceName, ip: "127.0.0.1", port: 7001 });
    await eventually(async () => expect((await http.list({ serviceName })).hosts).toHaveLength(1));
    const reply = await http.request(method, path.replace("SERVICE", serviceName), undefined, headers);
    expect(reply.status).toBe(status[kind]);
  });

  test("`PUT /v3/admin/ns/instance/partial`: what is not named stays as it was, or is set back", async () => {
    const instance = { serviceName: newName(), ip: "127.0.0.1", port: 7001 };
    await http.register(instance);
    await http.v3("PUT", "/v3/admin/ns/instance", { ...instance, weight: 3, enabled: false });
    await eventually(async () => expect(await shown(instance)).toMatchObject({ enabled: false }));
    await http.v3("PUT", "/v3/admin/ns/instance/partial", { ...instance, weight: 5 });
    const enabled = kind === "nacos";
    await eventually(async () => expect(await shown(instance)).toMatchObject({ weight: 5, enabled }));
  });

  test("are all on the page", async () => {
    const page = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "registry.md"), "utf8");
    for (const { what, status } of DIFFERENCES) {
      const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(what));
      expect({ what, row }).toEqual({ what, row: expect.stringContaining(String(status[kind])) });
    }
    expect(page).toContain("`PUT /v3/admin/ns/instance/partial`");
  });
});
