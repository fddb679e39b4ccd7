// npm run bench:stats -- [--orders 100000] [--users 10] [--seconds 10] [--json FILE]
// What GET /api/orders/stats/ costs a user with many orders, and whoever else asks for something meanwhile: a bystander reads one order after
// another, alone and beside requests for stats of one user and of --users users at once, who have a tenth of the orders each.

import { writeFileSync } from "node:fs";
import { commandOptions, number, text } from "../tests/support/command.ts";
import { quantile } from "../tests/support/quantiles.ts";
import { startBenchSystem } from "./bench-system.ts";
import { requester } from "./load/http.ts";
import { load, seed } from "./load/launch.ts";
import { figure, table } from "./report/format.ts";

const AT_ONCE = 10;
const BYSTANDER = "bystander";

const { orders, users, seconds, json } = commandOptions({
  /** Orders of the user with most of them. */
  orders: number(100_000),
  /** Users besides, each with a tenth of that. */
  users: number(10),
  /** Seconds of each measurement. */
  seconds: number(10),
  json: text(undefined),
});

const system = await startBenchSystem({ LOG_LEVEL: "error" });
try {
  const many = Array.from({ length: users }, (_, at) => `many-${at}`);
  const tenth = Math.ceil(orders / 10);
  const { orderOf } = await seed({
    databaseUrl: system.databaseUrl,
    table: `${system.env["DB_NAME"] ?? "cfmp-order"}-orders`,
    users: { most: orders, [BYSTANDER]: 1, ...Object.fromEntries(many.map((user) => [user, tenth])) },
  });
  const url = `${system.urls.orders}/api/orders/${orderOf[BYSTANDER]}/`;
  const asking = requester(system.urls.orders, AT_ONCE + users);
  const stats = (uuid: string) =>
    asking({ method: "GET", path: "/api/orders/stats/", headers: { uuid } }, 200);

  const { coverage } = JSON.parse(await stats("most"));
  const counted = Object.values<{ readonly orders: number }>(coverage).reduce(
    (sum, one) => sum + one.orders,
    0,
  );
  const rows = [];
  for (const [what, who] of [
    ["nobody", []],
    [`one user with ${orders} orders`, ["most"]],
    [`the same, ${AT_ONCE} times at once`, Array<string>(AT_ONCE).fill("most")],
    [`${users} users with ${tenth} orders, at once`, many],
  ] as const) {
    const asked = ask(who);
    const bystander = await load({
      kind: "request",
      method: "GET",
      url,
      headers: { uuid: BYSTANDER },
      expect: 200,
      lanes: 1,
      warmUpMs: 2_000,
      warmUpCount: 200,
      windowMs: seconds * 1_000,
      processes: {},
    });
    rows.push({ what, stats: await asked.end(), bystander });
  }

  /** Lets each of `who` ask again and again; `end` gives how long each reply took, in milliseconds, also one that says that it took too long. */
  function ask(who: readonly string[]) {
    const times: number[] = [];
    let goesOn = true;
    const lanes = who.map(async (user) => {
      while (goesOn) {
        const begun = performance.now();
        await stats(user).catch((error: Error) => {
          if (!error.message.includes("deadline_exceeded")) throw error;
        });
        times.push(performance.now() - begun);
      }
    });
    return {
      async end() {
        goesOn = false;
        await Promise.all(lanes);
        return times;
      },
    };
  }

  const head = ["stats asked for by", "replies", "p50, ms", "p99", "bystander p50", "p99", "longest"];
  console.log(`${counted} of ${orders} orders are counted.\n`);
  console.log(
    table(
      head,
      rows.map(({ what, stats: times, bystander }) => [
        what,
        String(times.length),
        ...(times.length === 0 ? ["-", "-"] : [0.5, 0.99].map((at) => figure(quantile(times, at)))),
        ...[bystander.p50, bystander.p99, bystander.longest].map(figure),
      ]),
    ),
  );
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ counted, rows }, null, 2)}\n`);
} finally {
  await system.cleanUp();
}
process.exit(0);
