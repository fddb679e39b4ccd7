// Prometheus, Alertmanager and Grafana as they are set up for servers: checked by their own tools, and asked for what the running system
// really shows. Run by npm run test:servers.

import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import * as z from "zod";
import { services } from "../../../functions/services.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { begin, mustRun, type Program } from "../../support/run.ts";
import { ROOT } from "../deploy/compose-file.ts";
import { clientOf, stackFacts } from "./client.ts";

const folder = join(ROOT, "servers");
const read = (path: string): string => readFileSync(join(folder, path), "utf8");

const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            annotations: z.object({ summary: z.string(), runbook: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(read("prometheus/alerts.yml")))
  .groups.flatMap((group) => group.rules);

const dashboard = z
  .object({
    templating: z.object({ list: z.array(z.object({ definition: z.string() })) }),
    annotations: z.object({ list: z.array(z.object({ expr: z.string() })) }),
    panels: z.array(
      z.object({
        title: z.string(),
        targets: z
          .array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) }))
          .default([]),
      }),
    ),
  })
  .parse(JSON.parse(read("grafana/dashboards/cfmp-order.json")));

const panels = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, inPrometheus(expr)] as const),
);

/** A query as Grafana fills it in, with all services. */
function inPrometheus(query: string): string {
  return query.replaceAll("$service", ".*").replaceAll("$__rate_interval", "1m");
}

describe("The files", () => {
  test("are what Prometheus and Alertmanager take", async () => {
    await mustRun("promtool", ["check", "config", join(folder, "prometheus", "prometheus.yml")]);
    await mustRun("promtool", ["check", "rules", join(folder, "prometheus", "alerts.yml")]);
    await mustRun("amtool", ["check-config", join(folder, "alertmanager", "alertmanager.yml")]);
  });

  test("have alarms that fire for what they are for, each of them, and for nothing near it", async () => {
    await mustRun("promtool", ["test", "rules", join(folder, "prometheus", "alerts.test.yml")]);
    const cases = z
      .object({
        tests: z.array(
          z.object({
            alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
          }),
        ),
      })
      .parse(parse(read("prometheus/alerts.test.yml")))
      .tests.flatMap((one) => one.alert_rule_test);
    const fired = new Set(
      cases.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname),
    );
    expect([...fired].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test("name a page for each alarm", () => {
    const page = readFileSync(join(ROOT, "docs", "guides", "on-call.md"), "utf8");
    for (const { alert, annotations } of rules) {
      expect(page).toMatch(new RegExp(`^##+ ${alert}$`, "m"));
      expect(annotations.runbook).toBe(`docs/guides/on-call.md#${alert.toLowerCase()}`);
    }
  });

  test("raise no alarm for what is parked where that is usual", () => {
    const usual = services.filter(({ relays }) =>
      relays.every(({ parkedIsUsual }) => parkedIsUsual === true),
    );
    const [parked] = rules.filter(({ alert }) => alert === "Parked");
    expect(parked?.expr).toContain(`service!="${usual.map(({ contract }) => contract.service).join("|")}"`);
  });

  test("show panels that all ask the one data source", () => {
    const source = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(parse(read("grafana/datasources/prometheus.yml")));
    expect(source.datasources).toEqual([
      expect.objectContaining({ uid: "prometheus", url: "http://prometheus:9090" }),
    ]);
    for (const { targets } of dashboard.panels)
      for (const { datasource } of targets) expect(datasource.uid).toBe("prometheus");
  });
});

describe("Prometheus, at two instances of each service", () => {
  const { metrics, ...facts } = stackFacts();
  const home = mkdtempSync(join(tmpdir(), "cfmp-prometheus-"));
  let program: Program | undefined;
  let url = "";

  beforeAll(async () => {
    cpSync(join(folder, "prometheus"), home, { recursive: true });
    const config = join(home, "prometheus.yml");
    writeFileSync(
      config,
      read("prometheus/prometheus.yml")
        .replace("scrape_interval: 15s", "scrape_interval: 2s")
        .replace("scrape_timeout: 10s", "scrape_timeout: 2s"),
    );
    const targets = Object.entries(metrics).map(([runs, addresses]) => ({
      labels: { runs },
      targets: addresses,
    }));
    // YAML has JSON in it.
    writeFileSync(join(home, "targets.yml"), JSON.stringify(targets));
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    program = await begin("prometheus", [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(home, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const addresses = Object.values(metrics).flat();
    await until("all instances are scraped", async () => (await ask("up == 1")).length === addresses.length);
    const user = await clientOf(facts, { user: "watched", address: "127.0.3.1" });
    // Again and again: a rate needs two samples that differ.
    await until("requests are counted", async () => {
      const order = await user.send("POST", "/api/orders/", {
        body: { customer_name: "Ann", total_amount: 12 },
        headers: { "idempotency-key": randomUUID() },
      });
      expect(order.status).toBe(201);
      const { status } = await user.send("POST", "/api/payments/", {
        body: { order_id: order.body["id"], method: "sandbox" },
        headers: { "idempotency-key": randomUUID() },
      });
      expect(status).toBe(201);
      expect((await user.send("GET", "/api/notifications/")).status).toBe(200);
      const rates = 'sum by (service) (rate(cfmp_http_request_duration_seconds_count{status="2xx"}[1m])) > 0';
      const deliveries = "rate(cfmp_outbox_deliveries_total[1m]) > 0";
      return (await ask(rates)).length === services.length && (await ask(deliveries)).length > 0;
    });
    await user.close();
  });

  afterAll(async () => {
    await program?.end();
    rmSync(home, { recursive: true, force: true });
  });

  const reply = z.object({
    status: z.literal("success"),
    data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
  });

  /** The series that a query gives. @throws {Error} when Prometheus refuses it. */
  async function ask(query: string) {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    return reply.parse(await answer.json()).data.result;
  }

  test("knows every metric that an alarm or a panel names", async () => {
    const shown = z
      .object({ data: z.record(z.string(), z.unknown()) })
      .parse(await (await fetch(`${url}/api/v1/metadata`)).json());
    const texts = [
      ...rules.map(({ expr }) => expr),
      ...panels.map(([, query]) => query),
      ...dashboard.annotations.list.map(({ expr }) => expr),
      ...dashboard.templating.list.map(({ definition }) => definition),
    ].join("\n");
    const named = new Set(texts.match(/\b(cfmp|process|nodejs)_\w+/g));
    const known = (name: string) =>
      [name, name.replace(/_(bucket|count|sum)$/, "")].some((one) => one in shown.data);
    expect(named.size).toBeGreaterThan(15);
    expect([...named].filter((name) => !known(name))).toEqual([]);
  });

  test("gives every panel a line, but those of what did not happen", async () => {
    const nothing = /^(5xx, share|Retries and ejections|Outcomes that are not ok)/;
    for (const [title, query] of panels) {
      // What was first measured just now has a rate with the next sample.
      if (!nothing.test(title)) await until(`${title} has a line`, async () => (await ask(query)).length > 0);
      else await ask(query);
    }
    for (const { expr } of dashboard.annotations.list) await ask(expr);
  });

  test("takes every alarm, and raises none while all is well", async () => {
    const loaded = z
      .object({
        data: z.object({
          groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
        }),
      })
      .parse(await (await fetch(`${url}/api/v1/rules`)).json());
    expect(loaded.data.groups.flatMap((group) => group.rules).map(({ name }) => name)).toEqual(
      rules.map(({ alert }) => alert),
    );
    for (const { alert, expr } of rules) {
      // How busy this machine is, is no fault of the system.
      if (alert === "EventLoopBusy") continue;
      // Nor that a scrape came too late, until the next one.
      await until(`${alert} is not raised`, async () => (await ask(expr)).length === 0);
    }
  });
});
