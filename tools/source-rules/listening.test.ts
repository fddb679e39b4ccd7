import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { OTHERS, portsOpened, portsOpenedIn } from "./listening.ts";

const ROOT = join(import.meta.dirname, "..", "..");

test("only the guard opens ports", () => {
  expect(portsOpened(ROOT)).toEqual([]);
});

test.each(Object.keys(OTHERS))("%s still opens one, so it is still listed", async (path) => {
  expect(portsOpenedIn(await readFile(join(ROOT, path), "utf8"))).not.toEqual([]);
});

test.each([
  'import { createServer } from "node:http";',
  'const server = http.createServer((_, reply) => reply.end("ok"));',
  "tls.createSecureServer(options)",
  'const socket = createSocket("udp4");',
  "server.listen(8001);",
  'server.listen({ port: 0, host: "0.0.0.0" });',
  "new WebSocketServer({ port: 0 })",
])("%s is found", (source) => {
  expect(portsOpenedIn(source)).toEqual([`1: ${source}`]);
});

test.each([
  "// createServer is the guard's",
  "/** As `server.listen(0)` does. */",
  "const port = await listener.open({ host, port: 0 });",
  "const nameOf = naming.nameOf.bind(naming);",
  'import { get } from "node:http";',
  "await gateway.listener(config);",
])("%s is fine", (source) => {
  expect(portsOpenedIn(source)).toEqual([]);
});

test("a file that opens one is found with its line; a test of it may", async () => {
  const root = await mkdtemp(join(tmpdir(), "cfmp-listening-"));
  const source = 'import { createServer } from "node:net";\n\ncreateServer().listen(9_999);\n';
  try {
    for (const folder of ["local/mail", "local/shared/listener"])
      await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, "local/mail/pop3.ts"), source);
    await writeFile(join(root, "local/mail/pop3.test.ts"), source);
    await writeFile(join(root, "local/shared/listener/other.ts"), source);
    expect(portsOpened(root)).toEqual([
      'local/mail/pop3.ts:1: import { createServer } from "node:net";',
      "local/mail/pop3.ts:3: createServer().listen(9_999);",
    ]);
  } finally {
    await rm(root, { recursive: true });
  }
});
