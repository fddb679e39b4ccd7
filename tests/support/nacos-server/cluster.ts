// A cluster of real Nacos 3.1.0 servers on 127.0.0.1, for services alone: their configurations would need a leader while they start, and a
// server that starts before there is one ends.

import { freePortGroup } from "../free-ports.ts";
import { NACOS_PORTS, type NacosServer, startNacos } from "./start.ts";

export interface NacosCluster {
  /** `host:port` of each server. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/** Starts `size` servers that know each other; resolves when all of them are ready. */
export async function startNacosCluster(size: number): Promise<NacosCluster> {
  const ports: number[] = [];
  while (ports.length < size) ports.push(await freePortGroup(NACOS_PORTS));
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const defines = {
    "nacos.standalone": "false",
    "nacos.functionMode": "naming",
    embeddedStorage: "true",
    "nacos.member.list": addresses.join(","),
  };
  const servers: NacosServer[] = [];
  const close = async () => void (await Promise.all(servers.map((server) => server.close())));
  try {
    for (const port of ports) servers.push(await startNacos({ port, defines }));
    return { addresses, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
