import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { restore } from "../../../local/database/restore.ts";
import { takeBackup } from "../../../tools/backup/take.ts";
import { until } from "../../support/poll.ts";
import { isAlive } from "../../support/processes.ts";
import { RealSystem } from "../../support/real-system.ts";
import { check } from "../check.ts";
import { captureOf, type Deal, type Driver, driver, newDeal } from "../deal.ts";

let system: RealSystem | undefined;
afterEach(() => system?.cleanUp());

test("deals that were settled before a backup keep every promise when the data were lost and are restored", async () => {
  const running = await RealSystem.start();
  system = running;
  const drive = driver(running);
  const settled = await Promise.all([1, 2, 3, 4].map((number) => deal(running, drive, number)));
  expect((await check(settled, running)).violations).toEqual([]);

  const file = join(running.dataDir, "copy");
  let over = false;
  const others = (async () => {
    for (let number = 5; !over; number += 1) await deal(running, drive, number);
  })();
  await takeBackup(`http://127.0.0.1:${running.env["DB_PORT"]}`, file).finally(() => {
    over = true;
  });
  await others;

  const helper = (await running.helperPid()) ?? 0;
  for (const { system: process } of running.runtimes) await process.stop();
  await until("the helper has ended", () => !isAlive(helper));
  await rm(join(running.dataDir, "database"), { recursive: true });
  await restore({
    file,
    dataDir: running.dataDir,
    replace: false,
    tables: [`${running.env["DB_NAME"]}-orders`],
    log: () => {},
  });
  for (const runtime of running.runtimes) await runtime.restart();
  expect((await check(settled, running)).violations).toEqual([]);
  // It goes on as before.
  const next = await deal(running, drive, 0);
  expect((await check([next], running)).violations).toEqual([]);
});

/** An order that is paid; of some the money is refunded. */
async function deal(running: RealSystem, drive: Driver, number: number): Promise<Deal> {
  const made = await newDeal(running, {
    label: `deal ${number}`,
    total: "9.99",
    sold: number % 2 === 0,
    mailed: false,
  });
  await drive.order(made);
  const { body } = await drive.pay(made);
  await drive.capture(made, captureOf(body));
  if (number % 3 === 0) await drive.refund(made, made.total);
  return made;
}
