// The Dockerfile's steps in an empty folder, and what comes of them, run as a user without rights beside a folder that can't be written to. No
// Docker is needed; what a base image has beside Node is not tried. Run by npm run test:servers, as root on Linux.

import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { READY, READY_WITHIN_MS } from "../../../tools/own-system/start-command.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { begin, mustRun, run } from "../../support/run.ts";
import { containers, environmentOf, ROOT } from "../deploy/compose-file.ts";
import { stackFacts } from "./client.ts";

/** Debian's user without rights. */
const NOBODY = { user: "nobody", uid: 65534 };
const MB = 1024 * 1024;

// The folder for temporary files is closed to other users while tests run.
const folder = mkdtempSync("/tmp/cfmp-image-");
const app = join(folder, "app");
const secrets = join(folder, "secrets");
const node = join(folder, "node");
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

beforeAll(async () => {
  chmodSync(folder, 0o755);
  const [packages = "", image = ""] = dockerfile.split(/^FROM .*$/m).slice(1);
  const from = join(folder, "packages");
  await steps(packages, from);
  mkdirSync(app);
  cpSync(join(from, "node_modules"), join(app, "node_modules"), { recursive: true, verbatimSymlinks: true });
  await steps(image, app);
  cpSync(join(ROOT, "node_modules", "node", "bin", "node"), node);
  await mustRun("cp", ["-r", join(ROOT, "servers", "prepare.sh"), folder]);
  await mustRun("sh", [join(folder, "prepare.sh"), secrets]);
  chownSync(secrets, NOBODY.uid, NOBODY.uid);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs COPY and RUN of a stage of the Dockerfile in `place`; what it copies from an earlier stage is there already. */
async function steps(stage: string, place: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  for (const [, what, rest = ""] of stage.matchAll(/^(COPY|RUN) (.*)$/gm)) {
    if (rest.startsWith("--from")) continue;
    // The image's user has no account here.
    if (what === "RUN")
      await mustRun("sh", ["-c", rest.replaceAll("10001", String(NOBODY.uid))], { cwd: place });
    else copy(rest.split(" "), place);
  }
}

function copy(words: readonly string[], place: string): void {
  const [to = "", ...from] = words.toReversed();
  for (const one of from) {
    const target = to.startsWith(".") ? join(place, one) : join(place, to);
    const ignored = (path: string) => !path.endsWith(".test.ts");
    cpSync(join(ROOT, one), target, { recursive: true, filter: ignored });
  }
}

/** Bytes of all files below `place`. */
const sizeOf = (place: string): number =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

test("its own files and its packages are small: 40 MB at most", () => {
  const megabytes = Math.round(sizeOf(app) / MB);
  console.log(`Files of the image besides Node and Debian: ${megabytes} MB`);
  expect(megabytes).toBeLessThanOrEqual(40);
  for (const absent of ["serverless", "serverless-offline", "typescript", "jest"])
    expect(readdirSync(join(app, "node_modules"))).not.toContain(absent);
});

test("it starts as the Dockerfile says, with a container's environment, as nobody; is healthy, and ends with 0", async () => {
  const { settings } = stackFacts();
  const [, container] = containers.find(([name]) => name === "notifications-1") ?? [];
  if (container === undefined) throw new Error("There is no container notifications-1");
  const [port = 0, metrics = 0] = await freePorts(2);
  // Addresses that exist on this machine in place of the containers' names; the secrets are files, as there.
  const environment: Record<string, string> = {
    ...Object.fromEntries(
      Object.entries(environmentOf(container)).map(([name, value]) => [
        name,
        value.replace("/run/secrets", secrets),
      ]),
    ),
    HOST: "127.0.0.1",
    ADVERTISE_HOST: "127.0.0.1",
    METRICS_HOST: "127.0.0.1",
    METRICS_PORT: String(metrics),
    NACOS_SERVER: settings["NACOS_SERVER"] ?? "",
    // The embedded registry has no accounts.
    NACOS_USERNAME: "",
    NACOS_PASSWORD: "",
    NACOS_GROUP: "image",
    DB_HOST: "127.0.0.1",
    DB_PORT: settings["DB_PORT"] ?? "",
    DB_NAME: "image",
    SMTP_URL: settings["SMTP_URL"] ?? "",
  };
  const words = (name: string): string[] =>
    JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]");
  const asNobody = (command: readonly string[]) => [
    "--reuid",
    NOBODY.user,
    "--regid",
    "nogroup",
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
    ...command,
  ];
  const options = { cwd: app, env: { PATH: `${folder}:/usr/bin:/bin`, TMPDIR: "/tmp", ...environment } };
  const program = await begin(
    "setpriv",
    asNobody([...words("ENTRYPOINT"), ...(container.command ?? []), "--httpPort", String(port)]),
    options,
  );
  try {
    const ready = () => !program.running() || READY.test(program.stdout());
    await until("it is ready", ready, READY_WITHIN_MS);
    expect([program.running(), program.stderr()]).toEqual([true, ""]);
    const check = words("HEALTHCHECK .* CMD").map((word) => (word === "8003" ? String(port) : word));
    expect((await run("setpriv", asNobody(check), options)).code).toBe(0);
    expect(statSync(join(app, "data")).uid).toBe(NOBODY.uid);
    program.signal("SIGTERM");
    expect(await program.ended).toBe(0);
    expect((await run("setpriv", asNobody(check), options)).code).toBe(1);
  } finally {
    await program.end();
  }
});
