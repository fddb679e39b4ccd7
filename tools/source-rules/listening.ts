// Code that opens a port by itself: every port has the guard of local/shared/listener, which checks who asks, how much and
// for how long.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withoutComments } from "./source.ts";

/** What makes Node.js listen, whichever module it comes from, and for datagrams as well. */
const OPENS = /\bcreate(Secure)?Server\b|\bcreateSocket\b|\.listen\(|\bWebSocketServer\b/;

const GUARD = /^local\/shared\/listener\//;

/** Those that may, each with its reason. */
export const OTHERS: Readonly<Record<string, string>> = {
  "lib/core/node-http.ts": "hands on Node's own functions, and opens nothing",
  "local/shared/ports.ts": "asks whether a port is free, and gives it up before anybody connects",
  "local/host/sockets.ts": "takes connections over that the guard has admitted, and opens nothing",
  "local/host/ws.d.ts": "types",
  "lib/nacos/push-receiver.ts":
    "is deployed, where there is no local/; it has a guard of its own for datagrams",
};

/** `line: text` for each place in `source` that opens a port. */
export const portsOpenedIn = (source: string): string[] =>
  withoutComments(source)
    .split("\n")
    .flatMap((line, index) => (OPENS.test(line) ? [`${index + 1}: ${line.trim()}`] : []));

/** All such places of the product below `root` outside the guard, as `file:line: text`. */
export const portsOpened = (root: string): string[] =>
  globSync("{lib,local,functions,build,tools}/**/*.{ts,js,cjs,mjs}", { cwd: root })
    .filter((path) => !/(\.test(-d)?|\/test-[\w-]+)\.ts$/.test(path))
    .filter((path) => !GUARD.test(path) && !(path in OTHERS))
    .flatMap((path) =>
      portsOpenedIn(readFileSync(join(root, path), "utf8")).map((found) => `${path}:${found}`),
    );
