// Drives `nacos-sdk-rust-binding-node`, which speaks gRPC. Arguments: HOST:PORT, user, password.

import { createRequire } from "node:module";
import { drive, say } from "./lines.mjs";

const require = createRequire(`${process.env.NACOS_PACKAGES}/`);
const { NacosNamingClient, NacosConfigClient } = require("nacos-sdk-rust-binding-node");
const [serverAddr, username, password] = process.argv.slice(2);
const GROUP = "DEFAULT_GROUP";
const options = { serverAddr, namespace: "", username, password };

const naming = new NacosNamingClient(options);
const configs = new NacosConfigClient(options);
const portsOf = (hosts) => hosts.map(({ port }) => port).sort((one, other) => one - other);

await drive({
  register: ({ service, ip, port, metadata }) =>
    naming.registerInstance(service, GROUP, { ip, port, metadata }),
  deregister: ({ service, ip, port, metadata }) =>
    naming.deregisterInstance(service, GROUP, { ip, port, metadata }),
  list: async ({ service }) => portsOf(await naming.getAllInstances(service, GROUP, [], false)),
  subscribe: ({ service }) =>
    naming.subscribe(service, GROUP, [], (_error, hosts) =>
      say({ event: "instances", service, ports: portsOf(hosts ?? []) }),
    ),
  publish: ({ dataId, content }) => configs.publishConfig(dataId, GROUP, content),
  get: ({ dataId }) => configs.getConfig(dataId, GROUP),
  listen: ({ dataId }) =>
    configs.addListener(dataId, GROUP, (_error, response) =>
      say({ event: "config", dataId, content: response?.content ?? "" }),
    ),
});
