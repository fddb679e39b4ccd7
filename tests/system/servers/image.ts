// What the image has in it, run as a user without rights beside a folder that can't be written to, without an engine: by the Dockerfile's
// steps in an empty folder, or, where TEST_IMAGE_ROOT names one, from an unpacked root file system of a built image (by chroot). Needs root
// on Linux.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { begin, mustRun, type Program, run } from "../../support/run.ts";
import { ROOT } from "../deploy/compose-file.ts";

const DOCKERFILE = readFileSync(join(ROOT, "Dockerfile"), "utf8");
/** Where containers see their secrets. */
const SECRETS = "/run/secrets";

type Environment = Readonly<Record<string, string>>;

export interface Image {
  /** The folder with this project's files and packages. */
  readonly app: string;
  /** The user that runs it. */
  readonly uid: number;
  /** A folder of secrets, by the names of servers/prepare.sh. */
  readonly secrets: string;
  /** Begins what the image starts, with `args` after it. */
  begin(args: readonly string[], environment: Environment): Promise<Program>;
  /** The exit code of its health check, which asks at `port`. */
  health(port: number, environment: Environment): Promise<number>;
  remove(): void;
}

/** How a command is run as the image's user in its folder. */
interface Way {
  readonly app: string;
  readonly uid: number;
  readonly secrets: string;
  /** The words of the whole command. */
  command(words: readonly string[]): readonly string[];
  readonly path: string;
  /** What stands for {@link SECRETS} there. */
  readonly secretsThere: string;
  remove(): void;
}

/** @throws {Error} when one of the steps fails. */
export async function image(): Promise<Image> {
  const root = process.env["TEST_IMAGE_ROOT"];
  const way = root === undefined ? await bySteps() : await unpacked(root);
  const options = (environment: Environment) => ({
    cwd: way.app,
    env: {
      PATH: way.path,
      TMPDIR: "/tmp",
      ...ownEnvironment(),
      ...Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [name, value.replace(SECRETS, way.secretsThere)]),
      ),
    },
  });
  const started = (words: readonly string[]): [string, readonly string[]] => {
    const [program = "", ...args] = way.command(words);
    return [program, args];
  };
  return {
    app: way.app,
    uid: way.uid,
    secrets: way.secrets,
    remove: way.remove,
    begin: (args, environment) => begin(...started([...entryPoint(), ...args]), options(environment)),
    health: async (port, environment) =>
      (await run(...started(healthCheck(port)), options(environment))).code,
  };
}

const wordsOf = (instruction: string): readonly string[] =>
  JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, "m").exec(DOCKERFILE)?.[1] ?? "[]");

/** What the image itself sets. */
const ownEnvironment = (): Environment =>
  Object.fromEntries(
    [...DOCKERFILE.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = ""]) =>
      pairs.split(" ").map((pair): [string, string] => {
        const [name = "", value = ""] = pair.split("=");
        return [name, value];
      }),
    ),
  );

const entryPoint = () => wordsOf("ENTRYPOINT");

/** The check asks at each service's own port; here that is another one. */
const healthCheck = (port: number) => {
  const [node = "", script = ""] = wordsOf("HEALTHCHECK .* CMD");
  return [node, script, String(port)];
};

async function makeSecrets(folder: string, uid: number): Promise<string> {
  const secrets = join(folder, "secrets");
  await mustRun("cp", ["-r", join(ROOT, "servers", "prepare.sh"), folder]);
  await mustRun("sh", [join(folder, "prepare.sh"), secrets]);
  chownSync(secrets, uid, uid);
  return secrets;
}

/** The folder for temporary files is closed to other users while tests run. */
function openFolder(): string {
  const folder = mkdtempSync("/tmp/cfmp-image-");
  chmodSync(folder, 0o755);
  return folder;
}

async function bySteps(): Promise<Way> {
  /** Debian's user without rights. */
  const uid = 65534;
  const folder = openFolder();
  const app = join(folder, "app");
  const [packages = "", last = ""] = DOCKERFILE.split(/^FROM .*$/m).slice(1);
  const from = join(folder, "packages");
  await steps(packages, from, uid);
  mkdirSync(app);
  cpSync(join(from, "node_modules"), join(app, "node_modules"), { recursive: true, verbatimSymlinks: true });
  await steps(last, app, uid);
  copyFileSync(join(ROOT, "node_modules", ".bin", "node"), join(folder, "node"));
  const secrets = await makeSecrets(folder, uid);
  const user = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];
  return {
    app,
    uid,
    secrets,
    secretsThere: secrets,
    path: `${folder}:/usr/bin:/bin`,
    command: (words) => ["setpriv", ...user, "--no-new-privs", "--bounding-set=-all", ...words],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs COPY and RUN of a stage of the Dockerfile in `place`; what it copies from an earlier stage is there already. */
async function steps(stage: string, place: string, uid: number): Promise<void> {
  mkdirSync(place, { recursive: true });
  for (const [, what, rest = ""] of stage.matchAll(/^(COPY|RUN) (.*)$/gm)) {
    if (rest.startsWith("--from")) continue;
    // The image's user has no account here.
    if (what === "RUN") await mustRun("sh", ["-c", rest.replaceAll("10001", String(uid))], { cwd: place });
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

/** `root`: the file system of a built image, such as `docker export` gives it. Devices, processes and secrets are mounted for each command alone. */
async function unpacked(root: string): Promise<Way> {
  const uid = 10001;
  const folder = openFolder();
  const secrets = await makeSecrets(folder, uid);
  const mounts = `set -e; cd /; mkdir -p "$1${SECRETS}"; mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"
    mount --bind "$2" "$1${SECRETS}"; root=$1; shift 2
    exec setpriv --no-new-privs chroot --userspec=${uid}:${uid} --groups= "$root" env --chdir=/app "$@"`;
  return {
    app: join(root, "app"),
    uid,
    secrets,
    secretsThere: SECRETS,
    path: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    command: (words) => ["unshare", "--mount", "sh", "-c", mounts, "sh", root, secrets, ...words],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Bytes of all files below `place`. */
export const sizeOf = (place: string): number =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
