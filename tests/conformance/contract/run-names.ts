// Part of `npm run check:imports`: fails, a line each, where lib/ names a service or a payment provider.

import { join } from "node:path";
import { namesInLib } from "./names.ts";

const found = namesInLib(join(import.meta.dirname, "..", "..", ".."));
for (const place of found)
  console.error(`${place} is the name of a service or provider; lib/ serves any of them`);
if (found.length > 0) process.exitCode = 1;
