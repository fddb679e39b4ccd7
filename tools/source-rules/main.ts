// Part of `npm run check:imports`: fails, a line each, where source says what its place forbids.

import { join } from "node:path";
import { portsOpened } from "./listening.ts";
import { namesInLib } from "./names.ts";
import { foreignImports } from "./page-imports.ts";

const root = join(import.meta.dirname, "..", "..");

const found = [
  ...namesInLib(root).map(
    (place) => `${place} is the name of a service or provider; lib/ serves any of them`,
  ),
  ...portsOpened(root).map((place) => `${place} opens a port without the guard of local/shared/listener`),
  ...foreignImports(root).map((place) => `${place} is no contract, and the page runs in a browser`),
];
for (const line of found) console.error(line);
if (found.length > 0) process.exitCode = 1;
