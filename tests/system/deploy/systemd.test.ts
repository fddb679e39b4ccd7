// The unit of servers/systemd, held to what it repeats of other files.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT, startCommand } from "../../../tools/own-system/start-command.ts";

const unit = readFileSync(join(ROOT, "servers", "systemd", "cfmp-order@.service"), "utf8");
const linesOf = (name: string): readonly string[] =>
  unit.split("\n").flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));

test("runs what npm run serve runs, without npm, and writes to its own folder alone", () => {
  expect(linesOf("ExecStart")).toEqual([
    ["/usr/bin/env", "node", ...startCommand(ROOT, "serve"), "--service", "%i"].join(" "),
  ]);
  const [folder] = linesOf("StateDirectory");
  expect(linesOf("Environment")).toEqual([`DATA_DIR=/var/lib/${folder} DEBUG=False`]);
  expect(linesOf("ProtectSystem")).toEqual(["strict"]);
});

test("reads the settings of the guide, in both languages", () => {
  const [settings = "", own = ""] = linesOf("EnvironmentFile");
  for (const name of ["servers.md", "servers.zh-CN.md"]) {
    const guide = readFileSync(join(ROOT, "docs", "guides", name), "utf8");
    expect(guide).toContain(`cat > ${settings} <<'END'`);
    expect(guide).toContain(own.replace(/^-/, "").replace("%i", "payments"));
    expect(guide).toContain("servers/systemd/cfmp-order@.service");
  }
});
