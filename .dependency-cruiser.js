// Which file may import which. `npm run check:imports` fails, a line each, when a file imports what its place forbids.
// Every folder below is listed under those that may import it: the tables are the layers, from the lowest up.

/** lib/: each folder with the folders of lib/ that it may import. */
const LIB = {
  observability: [],
  core: ["observability"],
  files: [],
  money: [],
  "push-client": [],
  nacos: ["core", "observability"],
  discovery: ["core", "files", "nacos", "observability"],
  config: ["core", "discovery", "files", "nacos", "observability"],
  storage: ["config", "core", "observability"],
  contract: ["core", "discovery", "money"],
  privacy: ["core", "storage"],
  auth: ["config", "contract", "core"],
  outbox: ["config", "contract", "core", "discovery", "observability", "storage"],
  platform: ["auth", "config", "contract", "core", "discovery", "observability", "storage"],
  http: ["auth", "config", "contract", "core", "discovery", "observability", "outbox", "platform", "storage"],
  live: ["config", "core", "http", "observability"],
};

/** lib/discovery/: the same for its own folders. Its files outside a folder put the parts together. */
const DISCOVERY = {
  settings: [],
  registry: ["settings"],
  peer: [],
  instances: ["peer", "registry", "settings"],
  resolver: ["instances", "registry", "settings"],
  call: ["instances", "peer", "resolver", "settings"],
};

/** lib/nacos/: the same. Its files outside a folder are the HTTP client. */
const NACOS = {
  grpc: [],
};

/** local/: the same for the local runtime. */
const LOCAL = {
  shared: [],
  osls: [],
  dotenv: ["shared"],
  "left-out": [],
  node: [],
  database: ["shared"],
  registry: ["shared"],
  mail: ["shared"],
  sidecar: ["shared"],
  gateway: ["shared"],
  host: ["shared"],
  metrics: ["shared"],
  "control-room": ["shared"],
  helper: ["control-room", "database", "mail", "registry", "shared"],
  runtime: ["control-room", "gateway", "helper", "host", "metrics", "shared", "sidecar"],
  server: ["runtime", "shared"],
};

/** Contracts, and parts of them in a folder of their service. */
const CONTRACT = "^functions/[\\w/-]+/(peer-)?contract\\.ts";

/** Lists of names that contracts and rules share. The ways to pay are read off the list of providers. */
const NAMES = "(functions/(events|notifications/topics|[^/]+/[\\w-]+-status)|lib/core/locales)\\.ts$";
const DERIVED_NAMES = "functions/payments/payment-method\\.ts$";

/** The API of the control room, and its parts. */
const ROOM_CONTRACT = "^local/control-room/(api|[\\w/-]*contract)\\.ts$";

/** tests/: the same. What several of them need is support. */
const TESTS = {
  support: [],
  promises: ["support"],
  conformance: ["support"],
  system: ["support"],
};

const TEST = "(\\.test|/test-[\\w-]+)\\.ts$";

/** `except`: files that may import more. */
const layers = (root, table, except = TEST) =>
  Object.entries(table).map(([folder, below]) => ({
    name: `${root}/${folder}`,
    comment: `${root}/${folder} may import of ${root}/ only: ${below.join(", ") || "nothing"}`,
    severity: "error",
    from: { path: `^${root}/${folder}/`, pathNot: except },
    to: { path: `^${root}/`, pathNot: `^${root}/(${[folder, ...below].join("|")})/` },
  }));

const listed = (root, table) => ({
  name: `${root}/ has its folders listed`,
  comment: "A new folder needs its place among the layers in this file",
  severity: "error",
  from: { path: `^${root}/[^/]+/`, pathNot: `^${root}/(${Object.keys(table).join("|")})/` },
  to: {},
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no circle",
      comment: "No file imports itself by way of others, not even for types",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    listed("lib", LIB),
    listed("lib/discovery", DISCOVERY),
    listed("lib/nacos", NACOS),
    listed("local", LOCAL),
    listed("tests", TESTS),
    ...layers("lib", LIB),
    ...layers("lib/discovery", DISCOVERY),
    ...layers("lib/nacos", NACOS),
    ...layers("local", LOCAL),
    ...layers("tests", TESTS, "^$"),
    {
      name: "lib knows no service",
      severity: "error",
      from: { path: "^lib/" },
      to: { path: "^functions/" },
    },
    {
      name: "deployed code stands alone",
      comment: "Nothing deployed imports the local runtime, build, tools or tests",
      severity: "error",
      from: { path: "^(lib|functions)/", pathNot: TEST },
      to: { path: "^(local|build|tools|tests|bench)/" },
    },
    {
      name: "tests beside code share support alone",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: "^tests/", pathNot: "^tests/support/" },
    },
    {
      name: "no test support in the product",
      severity: "error",
      from: { path: "^(lib|functions|local|build|tools)/", pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: "a service knows another by its contract",
      severity: "error",
      from: { path: "^functions/([^/]+)/" },
      to: { path: "^functions/[^/]+/", pathNot: "^functions/($1/|[^/]+/(peer-)?contract\\.ts$)" },
    },
    {
      name: "a contract is plain data",
      comment: "It imports schemas, lists of names and its parts: no rules, settings or anything that runs",
      severity: "error",
      from: { path: `${CONTRACT}$` },
      to: {
        pathNot: `^(lib/(contract|money)/|${NAMES}|${DERIVED_NAMES})|${CONTRACT}|(^|/)node_modules/zod/`,
      },
    },
    {
      name: "the control room's contract is plain data",
      comment: "Its page shares it: it imports parts of it, and the types that services have for it",
      severity: "error",
      from: { path: ROOM_CONTRACT },
      to: { pathNot: `${ROOM_CONTRACT}|^functions/control-room\\.ts$` },
    },
    {
      name: "lists of names import nothing but each other",
      severity: "error",
      from: { path: `^${NAMES}` },
      to: { pathNot: `^${NAMES}` },
    },
    {
      name: "who judges the promises stands below all that is judged by it",
      severity: "error",
      from: { path: "^tools/promises/", pathNot: TEST },
      to: { path: "^(local|build|tools|tests|bench)/", pathNot: "^tools/promises/" },
    },
    {
      name: "the local runtime uses no tool but that judge",
      severity: "error",
      from: { path: "^local/", pathNot: TEST },
      to: { path: "^tools/", pathNot: "^tools/promises/" },
    },
    {
      name: "the runtime knows services by their contracts",
      severity: "error",
      from: { path: "^local/", pathNot: TEST },
      to: { path: "^functions/[^/]+/", pathNot: "^functions/[^/]+/(peer-)?contract\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Its parser can't read .tsx: components of the control room's page, whose imports tools/source-rules/page-imports.ts looks at.
    exclude: { path: "^(docs|data|logs)/|\\.tsx$" },
    tsPreCompilationDeps: true,
    parser: "swc",
    moduleSystems: ["es6", "cjs"],
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      conditionNames: ["import", "node", "default", "require"],
    },
  },
};
