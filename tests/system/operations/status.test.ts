// `npm run status` on a running system whose parts are killed one after the other.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { until } from "../../support/poll.ts";
import { begin, type ProgramOptions, run } from "../../support/run.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const node = join(root, "node_modules", ".bin", "node");
const main = join(root, "tools", "status", "main.ts");

let system: System;
/** Another process, which alone runs NotificationService. */
let notifications: System;

beforeAll(async () => {
  system = await startSystem({ args: ["--service", "orders,payments"] });
  notifications = await startBeside(system, ["notifications"]);
});
afterAll(async () => {
  await notifications?.cleanUp();
  await system?.cleanUp();
});

const options = (): ProgramOptions => ({ cwd: system.dataDir, env: { ...process.env, ...system.env } });
const status = (...args: string[]) => run(node, [main, ...args], options());

const report = z.object({
  exit: z.number(),
  problems: z.array(z.string()),
  services: z.array(
    z.object({
      service: z.string(),
      instances: z.array(z.object({ state: z.string(), pid: z.string().nullable() })),
    }),
  ),
});

/** What it says once its exit code is `exit`. */
const reportWith = (exit: number) =>
  until(`the exit code is ${exit}`, async () => {
    const { code, stdout } = await status("--json");
    return code === exit && report.parse(JSON.parse(stdout));
  });

test("says what runs, what was killed, and in the end that nothing runs", async () => {
  const { services, problems } = await reportWith(0);
  expect(problems).toEqual([]);
  const pids = services.map(({ service, instances }) => [
    service,
    instances.map(({ state, pid }) => `${state} ${pid}`),
  ]);
  expect(pids).toEqual([
    ["OrderService", [`ok ${system.pid}`]],
    ["PaymentService", [`ok ${system.pid}`]],
    ["NotificationService", [`ok ${notifications.pid}`]],
  ]);
  const { code, stdout } = await status();
  expect([code, stdout.includes("All is well."), stdout.includes("\u001b")]).toEqual([0, true, false]);

  await notifications.kill();
  expect((await reportWith(1)).problems).toContain("NotificationService: no instance serves");

  await system.kill();
  expect((await reportWith(2)).problems).toEqual(["No service answers. npm start starts them."]);
});

test("--watch looks again and again, and ends with the last exit code", async () => {
  const watching = await begin(node, [main, "--json", "--watch"], options());
  await until("it has looked twice", () => watching.stdout().split("\n").length > 2);
  watching.signal("SIGINT");
  const code = await watching.ended;
  const looks = watching.stdout().trim().split("\n");
  expect(looks.map((line) => report.parse(JSON.parse(line)).exit).at(-1)).toBe(code);
});

test("an option that does not exist is named, with those there are", async () => {
  const { code, stderr } = await status("--every", "5");
  expect([code, stderr]).toEqual([3, expect.stringContaining("--watch")]);
});
