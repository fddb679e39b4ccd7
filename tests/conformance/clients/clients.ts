// The clients that people install, each in a version they install.

import { goDriver, javaDriver, nodeDriver, pythonDriver } from "./install.ts";
import type { Program } from "./program.ts";
import type { Step } from "./scenario.ts";

export interface NacosClient {
  /** `Python`, `Java` … */
  readonly language: string;
  readonly package: string;
  readonly version: string;
  readonly protocol: "HTTP" | "gRPC";
  /** It calls other services: an application framework, not a mere client. */
  readonly calls?: boolean;
  /** Steps that it does not do every time on a busy machine, whatever the registry: neither result is a difference. */
  readonly unsteady?: readonly Step[];
  /** Installs it unless it is there. @throws {Error} naming what is missing on this machine. */
  readonly install: () => Promise<Program>;
}

export const clients: readonly NacosClient[] = [
  python("0.1.5", "HTTP"),
  python("1.0.0", "HTTP"),
  python("2.0.11", "gRPC"),
  // An error while it connects again ends its task that connects, and with that what it would have listened to.
  { ...python("3.2.0", "gRPC"), unsteady: ["re-listen"] },
  java("1.4.8", "HTTP"),
  java("2.5.1", "gRPC"),
  java("3.1.0", "gRPC"),
  go("v1.1.4", "HTTP"),
  go("v2.3.2", "gRPC"),
  spring("2023.0.3.3"),
  node("nacos", "2.6.3", "HTTP", "nacos.mjs"),
  node("nacos-sdk-rust-binding-node", "0.8.0", "gRPC", "rust.mjs"),
];

/** `nacos-client 3.1.0`: unlike every other client's. */
export const nameOf = ({ package: name, version }: NacosClient): string => `${name} ${version}`;

function python(version: string, protocol: NacosClient["protocol"]): NacosClient {
  const file = protocol === "HTTP" ? "http_driver.py" : "grpc_driver.py";
  return {
    language: "Python",
    package: "nacos-sdk-python",
    version,
    protocol,
    install: () => pythonDriver(`nacos-sdk-python==${version}`, file),
  };
}

function java(version: string, protocol: NacosClient["protocol"]): NacosClient {
  return {
    language: "Java",
    package: "nacos-client",
    version,
    protocol,
    install: () => javaDriver("java", { "nacos.version": version }),
  };
}

/** Versions of Spring Boot and Spring Cloud that fit stand in its pom.xml. */
function spring(version: string): NacosClient {
  return {
    language: "Java",
    package: "spring-cloud-alibaba",
    version,
    protocol: "gRPC",
    calls: true,
    install: () => javaDriver("spring", { "alibaba.version": version }),
  };
}

function go(version: string, protocol: NacosClient["protocol"]): NacosClient {
  return { language: "Go", package: "nacos-sdk-go", version, protocol, install: () => goDriver(version) };
}

function node(name: string, version: string, protocol: NacosClient["protocol"], file: string): NacosClient {
  return {
    language: "Node.js",
    package: name,
    version,
    protocol,
    install: () => nodeDriver(`${name}@${version}`, file),
  };
}
