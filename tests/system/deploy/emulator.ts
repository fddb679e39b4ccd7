// An AWS on this machine: MiniStack, which deploys CloudFormation stacks and runs the functions' bundles.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { begin } from "../../support/run.ts";

export interface Emulator {
  readonly pid: number;
  /** What makes AWS clients talk to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it serves the HTTP API of this id; `serverless info` names the address it would have on AWS. */
  apiUrl(id: string): string;
  /** All it has printed; the functions' own output is among it. */
  output(): string;
  close(): Promise<void>;
}

/** Makes Node resolve the emulator's host names. */
export const LOCALHOST_NAMES = `--require=${join(import.meta.dirname, "localhost-names.cjs")}`;

/** Starts `ministack` on a free port of loopback. Policies of the functions' roles are enforced. */
export async function startEmulator(ministack: string): Promise<Emulator> {
  const [port] = await freePorts(1);
  const home = await mkdtemp(join(tmpdir(), "cfmp-ministack-"));
  const program = await begin(ministack, [], {
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
    // The functions' processes end with it.
    group: true,
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    await program.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const answers = async () => !program.running() || (await fetch(`${url}/_ministack/health`)).ok;
    await until("the emulator answers", answers);
    if (!program.running()) throw new Error("The emulator ended");
  } catch (error) {
    await close();
    throw new Error(`${ministack} is not ready; it said: ${program.output().slice(-2_000)}`, {
      cause: error,
    });
  }
  return {
    pid: program.pid,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    },
    apiUrl: (id) => `http://${id}.execute-api.localhost:${port}`,
    output: program.output,
    close,
  };
}
