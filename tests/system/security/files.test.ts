// Nobody but the owner may read what the system writes, whatever the umask of whoever starts it.

import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import nodemailer from "nodemailer";
import { until } from "../../support/poll.ts";
import { processesWith } from "../../support/processes.ts";
import { publishConfig } from "../../support/publish.ts";
import { shop } from "../../support/shop.ts";
import { ownSettings, type System, startSystem } from "../../support/system.ts";

let system: System;
let folder: string;
let env: Readonly<Record<string, string>>;

/** Every folder and file under `path`, with its mode. */
function modesUnder(path: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    const stat = lstatSync(join(path, entry), { throwIfNoEntry: false });
    if (stat) found.set(entry, stat.mode & 0o777);
  }
  return found;
}

const openToOthers = (path: string): readonly string[] =>
  [...modesUnder(path)].filter(([, mode]) => (mode & 0o077) !== 0).map(([name]) => name);

async function mail(): Promise<void> {
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: Number(env["MAIL_SMTP_PORT"]) });
  await transport.sendMail({
    from: "shop@example.com",
    to: "ann@example.com",
    subject: "Paid",
    text: "Thanks",
  });
  transport.close();
}

beforeAll(async () => {
  const umask = process.umask(0);
  try {
    folder = mkdtempSync(join(tmpdir(), "cfmp-files-"));
    env = {
      ...(await ownSettings()),
      DATA_DIR: join(folder, "data"),
      LOG_DIR: join(folder, "logs"),
    };
    system = await startSystem({ beside: { env } });
  } finally {
    process.umask(umask);
  }
});

afterAll(async () => {
  await system?.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

test("data, logs, mail and state are for their owner alone", async () => {
  const buyer = shop(system);
  const { body } = await buyer.order({ customer_name: "Ann", total_amount: "10.00" });
  await buyer.pay(body.id);
  await publishConfig(
    system.registryUrl,
    { dataId: "cfmp-order", group: "DEFAULT_GROUP" },
    '{"page_size_max":50}',
  );
  await mail();
  await until("a mail, a list, a configuration and a log are there", () => {
    const names = [...modesUnder(folder).keys()].join("\n");
    return [
      /mail\/.*\.json/,
      /discovery\/.*\.json/,
      /registry\/configs\/.*\.json/,
      /config\/.*\.json/,
      /order-service\.log/,
    ].every((name) => name.test(names));
  });
  expect(openToOthers(folder)).toEqual([]);
  expect(modesUnder(folder).size).toBeGreaterThan(20);
});

test("compiled code is kept in the project, for its owner alone, and in no folder that users share", () => {
  const cache = join(import.meta.dirname, "..", "..", "..", "node_modules", ".cache", "cfmp-order");
  expect(lstatSync(cache).mode & 0o777).toBe(0o700);
  const children = system.pids().filter((pid) => pid !== system.pid);
  expect(children.length).toBeGreaterThan(1);
  expect(processesWith("NODE_COMPILE_CACHE", cache)).toEqual(expect.arrayContaining(children));
});
