// What docker-compose-services.yml runs, as processes on this machine: two instances of each service by the image's command, Nginx in front
// of them with the product's configuration, and what they lean on.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { services } from "../../../functions/services.ts";
import { READY, READY_WITHIN_MS, ROOT, startCommand } from "../../../tools/own-system/start-command.ts";
import { makeAuthority, makeCertificate } from "../../support/certificates.ts";
import { freePorts } from "../../support/free-ports.ts";
import { holdHelper } from "../../support/helper-holder.ts";
import { until } from "../../support/poll.ts";
import { begin, type Program } from "../../support/run.ts";
import { cleanEnvironment, ownSettings } from "../../support/system.ts";
import { type Instances, type Nginx, startNginx } from "./nginx.ts";

/** What tests are told of it, in the variable TEST_STACK. */
export interface StackFacts {
  readonly https: string;
  readonly http: string;
  /** Nginx's log of requests. */
  readonly log: string;
  /** The authority's certificate, PEM. */
  readonly authority: string;
  readonly secretKey: string;
  readonly sandboxSecret: string;
  /** `host:port` of the metrics of each instance, by the name of its service. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
  /** Settings of what the services lean on. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What runs each instance: `npm run serve`, as the image does, or `npm start`. */
export type Script = "serve" | "start";

export interface Stack {
  readonly script: Script;
  readonly facts: StackFacts;
  readonly instances: readonly Instance[];
  readonly nginx: Nginx;
  close(): Promise<void>;
}

/** One instance of a service. */
export interface Instance {
  /** As its container: `orders-1`. */
  readonly name: string;
  /** The service's name in the registry. */
  readonly service: string;
  /** `host:port`. */
  readonly address: string;
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code once it ended. */
  stop(): Promise<number | null>;
  /** Starts it again at the same address, and waits until it is ready. */
  start(): Promise<void>;
}

/** Starts all of it; resolves when every instance is ready and Nginx answers. */
export async function startStack(script: Script = "serve"): Promise<Stack> {
  const secretKey = randomBytes(36).toString("base64");
  const sandboxSecret = randomBytes(36).toString("base64");
  const own = await ownSettings();
  const settings = {
    ...own,
    DEBUG: "False",
    SECRET_KEY: secretKey,
    SANDBOX_SECRET: sandboxSecret,
    DB_ENGINE: "dynamodb",
    DB_HOST: "127.0.0.1",
    EMBEDDED_REGISTRY: "off",
    SMTP_URL: `smtp://127.0.0.1:${own["MAIL_SMTP_PORT"]}`,
  };
  const { DB_ENGINE: _, EMBEDDED_REGISTRY: __, ...helpers } = settings;
  const holder = holdHelper({ ...cleanEnvironment(), ...helpers, DEBUG: "True", DB_ENGINE: "embedded" });
  const running: StackInstance[] = [];
  let nginx: Nginx | undefined;
  const close = async () => {
    await Promise.all(running.map((one) => one.end()));
    await nginx?.close();
    await holder.end();
  };
  try {
    await holder.receive("ready");
    for (const { key, contract } of services) {
      for (const number of [1, 2]) {
        const [port = 0, metricsPort = 0] = await freePorts(2);
        running.push(
          new StackInstance({ key, service: contract.service, number, port, metricsPort, settings, script }),
        );
      }
    }
    // The first one makes the tables.
    const [first, ...others] = running;
    await first?.start();
    await Promise.all(others.map((one) => one.start()));
    const authority = makeAuthority();
    const certificate = makeCertificate("localhost", {
      names: ["localhost", "127.0.0.1"],
      issuer: authority,
    });
    const front = await startNginx(by(running, "key", "address"), certificate);
    nginx = front;
    const { https, http, log } = front;
    const metrics = by(running, "service", "metrics");
    const facts = {
      https,
      http,
      log,
      authority: authority.cert,
      secretKey,
      sandboxSecret,
      metrics,
      settings,
    };
    return { script, facts, instances: running, nginx: front, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const by = (
  all: readonly StackInstance[],
  name: "key" | "service",
  what: "address" | "metrics",
): Instances => {
  const lists: Record<string, string[]> = {};
  for (const one of all) {
    lists[one[name]] ??= [];
    lists[one[name]]?.push(one[what]);
  }
  return lists;
};

interface Place {
  readonly key: string;
  readonly service: string;
  readonly number: number;
  readonly port: number;
  readonly metricsPort: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly script: Script;
}

class StackInstance implements Instance {
  readonly name: string;
  readonly key: string;
  readonly service: string;
  readonly address: string;
  readonly metrics: string;
  readonly #place: Place;
  #program: Program | undefined;

  constructor(place: Place) {
    this.#place = place;
    this.key = place.key;
    this.service = place.service;
    this.name = `${place.key}-${place.number}`;
    this.address = `127.0.0.1:${place.port}`;
    this.metrics = `127.0.0.1:${place.metricsPort}`;
  }

  async start(): Promise<void> {
    const { key, port, metricsPort, settings, script } = this.#place;
    const program = await begin(
      join(ROOT, "node_modules", ".bin", "node"),
      [...startCommand(ROOT, script), "--service", key, "--httpPort", String(port)],
      { cwd: ROOT, env: { ...cleanEnvironment(), ...settings, METRICS_PORT: String(metricsPort) } },
    );
    this.#program = program;
    const ready = () => !program.running() || READY.test(program.stdout());
    await until(`${this.name} is ready`, ready, READY_WITHIN_MS);
    if (!program.running()) throw new Error(`${this.name} ended:\n${program.output()}`);
  }

  async kill(): Promise<void> {
    this.#program?.signal("SIGKILL");
    await this.#program?.ended;
  }

  async stop(): Promise<number | null> {
    this.#program?.signal("SIGTERM");
    return (await this.#program?.ended) ?? null;
  }

  async end(): Promise<void> {
    await this.#program?.end();
  }
}
