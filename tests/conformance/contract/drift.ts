// npm run openapi writes docs/openapi/*.json; npm run check:contract fails when they are not what the contracts say.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { services } from "../../../functions/services.ts";
import { openApiDocument } from "../../../lib/contract/openapi.ts";
import { VERSION } from "../../../lib/core/version.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "docs", "openapi");
const write = process.argv.includes("--write");

const drifted = services.filter(({ key, contract }) => {
  const path = join(FOLDER, `${key}.json`);
  const derived = `${JSON.stringify(openApiDocument(contract, { version: VERSION, debug: true }), null, 2)}\n`;
  if (read(path) === derived) return false;
  if (write) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, derived);
  }
  return true;
});

const names = drifted.map(({ key }) => `docs/openapi/${key}.json`).join(", ");
if (write) console.log(names === "" ? "Nothing has changed." : `Wrote ${names}.`);
else if (names !== "") {
  console.error(`${names}: not what the contracts say. Run npm run openapi and commit the result.`);
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
