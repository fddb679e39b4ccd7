// The functions of test-project.ts behind the host and behind serverless-offline alone: ports of a process of its own, since
// hapi takes no errors from the other realm in which Jest runs tests.

import { endWithParent, send } from "../../tests/support/parent.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import { createLocalFunctions, type LocalFunctions } from "./functions.ts";
import { startListener } from "./listeners.ts";
import { offlineEmulation } from "./offline.ts";
import { FAULTS, type Fault } from "./test-faults.ts";
import { testFunctions, testProject } from "./test-project.ts";

/** What it says when all listen. */
export interface BothListen {
  readonly type: "listening";
  readonly host: number;
  readonly offline: number;
  /** Hosts with a planted fault, by its name. */
  readonly faulty: Readonly<Record<string, number>>;
}

endWithParent();
const LOOPBACK = "127.0.0.1";
const config = { HOST: LOOPBACK, DEBUG: true, ALLOWED_HOSTS: [], CORS_ORIGINS: [] };
const project = testProject();
const log = () => {};
const functions = createLocalFunctions(project.serviceDir, log);
functions.open();

async function hosted(of: LocalFunctions): Promise<number> {
  const service = {
    name: "TestService",
    key: "test",
    port: 0,
    portSource: "this test",
    logFile: "",
    functions: testFunctions(),
    socketPath: undefined,
    relays: [],
    tables: [],
  };
  const listener = await startListener(project, service, {
    config,
    commandLine: {},
    functions: of,
    emulate: offlineEmulation,
    log,
    reachedAt: "127.0.0.1",
    instance: "",
  });
  return listener.port;
}

/** The same functions, spoilt on the way from the host to them and back. */
const spoilt = ({ event, result }: Fault): LocalFunctions => ({
  ...functions,
  run: async (key, given, context) => result(await functions.run(key, event(given), context)),
});

async function emulated(): Promise<number> {
  const own = Object.entries(testFunctions()).map(([key, definition]) => [
    key,
    functions.add(key, definition),
  ]);
  const { answer } = await offlineEmulation(project, Object.fromEntries(own), {}, log)();
  const rules = {
    reach: "loopback",
    hosts: servedNames(config),
    origins: [],
    maxBodyBytes: API_BODY_BYTES,
  } as const;
  return httpListener(rules, answer).open({ host: LOOPBACK, port: 0 });
}

const faulty: Record<string, number> = {};
for (const [name, fault] of Object.entries(FAULTS)) faulty[name] = await hosted(spoilt(fault));
send({
  type: "listening",
  host: await hosted(functions),
  offline: await emulated(),
  faulty,
} satisfies BothListen);
