import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { foreignImports, foreignImportsIn } from "./page-imports.ts";

test("the control room's page imports nothing of the server", () => {
  expect(foreignImports(join(import.meta.dirname, "..", ".."))).toEqual([]);
});

test.each([
  'import { History } from "../history.ts";',
  'import type { Report } from "../report.ts";',
  'const { x } = await import("../collector.ts");',
  'import "../../shared/log.ts";',
  'export { sentRoutes } from "../sent/sent-routes.ts";',
  'import { readFileSync } from "node:fs";',
  'import { expect } from "@jest/globals";',
  '} from "../../../functions/services.ts";',
])("%s is found", (line) => {
  expect(foreignImportsIn(`\n${line}`)).toHaveLength(1);
  expect(foreignImportsIn(`\n${line}`)[0]).toMatch(/^2: /);
});

test.each([
  'import { useState } from "preact/hooks";',
  'import { App } from "./app.tsx";',
  'import "./page.css";',
  'import { ROUTES } from "../api.ts";',
  'import type { SentView } from "../sent/contract.ts";',
  'import type { SystemMap } from "../map-contract.ts";',
  '} from "../../../functions/control-room.ts";',
  '// from "../history.ts"',
])("%s is fine", (line) => {
  expect(foreignImportsIn(line)).toEqual([]);
});
