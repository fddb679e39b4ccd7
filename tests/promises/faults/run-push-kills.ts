// npm run test:push -- [--kills 20] [--seed 1]
// Kills NotificationService with -9 again and again under load, and once the runtime with the gateway, and holds the live
// clients at both instances and at the gateway to it: each gets every notification exactly once and in order.

import { randomUUID } from "node:crypto";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { beforeEnd, commandOptions, number, report, seed, type Verdict } from "../../support/command.ts";
import { LiveClient } from "../../support/live-client.ts";
import { until } from "../../support/poll.ts";
import { endAllSystems, RealSystem, type Runtime } from "../../support/real-system.ts";
import { send } from "../../support/shop.ts";

/** Requests that are under way at once. */
const SENDERS = 4;
/** Longest wait between two kills, in notifications. */
const BETWEEN = 60;

const options = commandOptions({ kills: number(20), seed });
beforeEnd(endAllSystems);
console.log(`seed ${options.seed}`);
report(await pushUnderKills(options.kills, seededRandom(options.seed)));

async function pushUnderKills(kills: number, random: () => number): Promise<Verdict> {
  const system = await RealSystem.start({
    held: true,
    random,
    runtimes: [{}, { keys: ["notifications"], own: true }],
  });
  const [all, notifications] = system.runtimes;
  if (all === undefined || notifications === undefined) throw new Error("Nothing runs");
  const user = `ann-${randomUUID()}`;
  const urls = [
    () => all.system.gatewayUrl,
    () => all.urls.notifications,
    () => notifications.urls.notifications,
  ];
  const clients = urls.map((url) => new LiveClient({ url, user }));
  await until("all are connected", () => clients.every(({ ready }) => ready));
  const load = startLoad(() => all.system.gatewayUrl, user);
  const withGateway = Math.floor(random() * kills);
  for (let kill = 0; kill < kills; kill += 1) {
    const wanted = load.sent + 1 + Math.floor(random() * BETWEEN);
    await until("load goes on", () => load.sent >= wanted);
    const killed: Runtime = kill === withGateway ? all : notifications;
    await killed.system.kill();
    await killed.restart();
    console.log(`kill ${kill + 1}: ${killed.name}, after ${wanted} notifications`);
  }
  await load.end();
  const failures = await Promise.all(clients.map((client) => unfulfilled(client, load.sent)));
  for (const client of clients) client.close();
  await system.cleanUp();
  const found = failures.flat();
  for (const sentence of found) console.log(sentence);
  console.log(
    `${load.sent} notifications, ${kills} kills, ${clients.map(({ connections }) => connections)} connections`,
  );
  return { passed: clients.length - found.length, failed: found.length };
}

/** Sends notifications to `user` until it ends; each again, under its key, until it is acknowledged. */
function startLoad(url: () => string, user: string) {
  const load = { sent: 0, end: async () => {} };
  let over = false;
  const sender = async () => {
    while (!over) {
      const headers = { uuid: user, "idempotency-key": randomUUID() };
      const body = { title: headers["idempotency-key"], content: "c" };
      await until("it is recorded", async () => {
        const reply = await send("POST", `${url()}/api/notifications/`, body, headers);
        return reply.status === 201;
      });
      load.sent += 1;
    }
  };
  const senders = Promise.all(Array.from({ length: SENDERS }, sender));
  senders.catch(() => {});
  load.end = async () => {
    over = true;
    await senders;
  };
  return load;
}

/** Why the client has not got each of `count` notifications once and in order; nothing when it has. */
async function unfulfilled(client: LiveClient, count: number): Promise<readonly string[]> {
  const all = () => {
    // What was recorded just before a kill comes with the next ping at the latest.
    if (client.ready) client.ping();
    return client.received.length >= count;
  };
  await until("all arrive", all).catch(() => {});
  const whole =
    client.received.length === count && client.received.every((one, at) => one.position === at + 1);
  const unique = new Set(client.titles).size === count;
  if (whole && unique && client.disorder.length === 0) return [];
  return [
    `a client got ${client.received.length} of ${count}, ${new Set(client.titles).size} different ones, out of order: ${client.disorder}`,
  ];
}
