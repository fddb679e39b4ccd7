// An AWS on this machine: MiniStack, which deploys CloudFormation stacks and runs the functions' bundles.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { endGroup } from "./end-group.ts";

const READY_WITHIN_MS = 60_000;

export interface Emulator {
  readonly pid: number;
  /** What makes AWS clients talk to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it serves the HTTP API of this id; `serverless info` names the address it would have on AWS. */
  apiUrl(id: string): string;
  /** All it has printed; the functions' own output is among it. */
  output(): Promise<string>;
  close(): Promise<void>;
}

/** Makes Node resolve the emulator's host names. */
export const LOCALHOST_NAMES = `--require=${join(import.meta.dirname, "localhost-names.cjs")}`;

/** Starts `ministack` on a free port of loopback. Policies of the functions' roles are enforced. */
export async function startEmulator(ministack: string): Promise<Emulator> {
  const [port] = await freePorts(1);
  const home = await mkdtemp(join(tmpdir(), "cfmp-ministack-"));
  const logPath = join(home, "ministack.log");
  const log = await open(logPath, "w");
  const child = spawn(ministack, [], {
    cwd: home,
    // Functions inherit this environment, so nothing of this process's own goes in.
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      TMPDIR: home,
      NODE_OPTIONS: LOCALHOST_NAMES,
      GATEWAY_PORT: String(port),
      BIND_HOST: "127.0.0.1",
      AUTH: "true",
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
    },
    stdio: ["ignore", log.fd, log.fd],
    // A group of its own: the functions' processes end with it.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${ministack} does not start`);
  const end = () => endGroup(pid);
  process.once("exit", end);
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    await stop(child, pid);
    process.off("exit", end);
    await log.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until("the emulator answers", () => answers(child, url), READY_WITHIN_MS);
  } catch (error) {
    const said = await readFile(logPath, "utf8");
    await close();
    throw new Error(`${ministack} is not ready; it said: ${said.slice(-2_000)}`, { cause: error });
  }
  return {
    pid,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    },
    apiUrl: (id) => `http://${id}.execute-api.localhost:${port}`,
    output: () => readFile(logPath, "utf8"),
    close,
  };
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
  const reply = await fetch(`${url}/_ministack/health`);
  return reply.ok;
}

async function stop(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(killer);
  }
  endGroup(pid);
}
