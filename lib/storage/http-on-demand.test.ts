import { expect, test } from "@jest/globals";
import { begin } from "../../tests/support/run.ts";
import { frameServer } from "./frames/test-server.ts";

/** How many modules of undici a process has loaded that sent a request to `url` and got its reply. */
async function loadedBy(url: string, embedded: boolean): Promise<number> {
  const script = `
    const { default: Module } = await import("node:module");
    const { createDynamoClient } = await import(${JSON.stringify(new URL("dynamo-client.ts", import.meta.url).href)});
    const endpoint = { url: ${JSON.stringify(url)}, region: "", accessKeyId: "", secretAccessKey: "", embedded: ${embedded} };
    const { body } = await createDynamoClient(endpoint).send("GetItem", {}).catch((error) => ({ body: error }));
    if (${embedded} && body.answered !== true) throw body;
    console.log(Object.keys(Module._cache).filter((file) => file.includes("/undici/")).length);
    process.exit();`;
  const child = await begin(process.execPath, ["--no-warnings", "--input-type=module", "-e", script]);
  expect([await child.ended, child.stderr()]).toEqual([0, ""]);
  return Number(child.stdout());
}

test("a process that sends frames loads no HTTP client, one that sends HTTP does", async () => {
  const server = await frameServer((request) => request.reply('{"answered":true}'));
  try {
    expect(await loadedBy(server.url, true)).toBe(0);
    expect(await loadedBy("http://127.0.0.1:1", false)).toBeGreaterThan(10);
  } finally {
    await server.close();
  }
});
