// Drives npm's `nacos`, which speaks HTTP. Arguments: HOST:PORT, user, password.

import { createRequire } from "node:module";
import { drive, say } from "./lines.mjs";

const require = createRequire(`${process.env.NACOS_PACKAGES}/`);
const { NacosNamingClient, NacosConfigClient } = require("nacos");
const [serverAddr, username, password] = process.argv.slice(2);
const GROUP = "DEFAULT_GROUP";
// Lists and subscriptions share a cache by service and clusters.
const CLUSTER = "DEFAULT";
const logger = { debug() {}, info() {}, warn() {}, error() {} };

const naming = new NacosNamingClient({
  logger,
  serverList: serverAddr,
  namespace: "public",
  username,
  password,
});
await naming.ready();
const configs = new NacosConfigClient({ serverAddr, username, password, cacheDir: "cache" });
configs.on("error", () => {});
const portsOf = (hosts) => hosts.map(({ port }) => port).sort((one, other) => one - other);

await drive({
  register: ({ service, ip, port, metadata }) =>
    naming.registerInstance(service, { ip, port, metadata }, GROUP),
  deregister: ({ service, ip, port }) => naming.deregisterInstance(service, { ip, port }, GROUP),
  // Subscribed: the package takes what a list without that has left in its cache for a subscription.
  list: async ({ service }) => portsOf(await naming.getAllInstances(service, GROUP, CLUSTER)),
  subscribe: ({ service }) =>
    naming.subscribe({ serviceName: service, groupName: GROUP, clusters: CLUSTER }, (hosts) =>
      say({ event: "instances", service, ports: portsOf(hosts) }),
    ),
  publish: ({ dataId, content }) => configs.publishSingle(dataId, GROUP, content),
  get: ({ dataId }) => configs.getConfig(dataId, GROUP),
  listen: ({ dataId }) =>
    configs.subscribe({ dataId, group: GROUP }, (content) => say({ event: "config", dataId, content })),
});
