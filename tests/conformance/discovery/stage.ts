// Discovery whole: peers that are announced in an embedded registry, and a process that looks for them there.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../lib/config/env.ts";
import {
  createDiscovery,
  createRegistry,
  type Discovery,
  type DiscoveryOptions,
} from "../../../lib/discovery/index.ts";
import type { Registry } from "../../../lib/discovery/registry/registry.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { silentLog } from "../../support/silent-log.ts";
import { TestPeer } from "./test-peer.ts";

export class Stage {
  /** What the process keeps on disk. */
  readonly dataDir: string;
  readonly registry: EmbeddedRegistry;
  readonly peers: TestPeer[] = [];
  /** Announces peers, and takes them out when it is closed. */
  announcer: Registry;
  discovery: Discovery;

  private constructor(dataDir: string, registry: EmbeddedRegistry) {
    this.dataDir = dataDir;
    this.registry = registry;
    this.announcer = this.newAnnouncer();
    this.discovery = this.newDiscovery();
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), "cfmp-discovery-")), await EmbeddedRegistry.start());
  }

  newAnnouncer = (): Registry => createRegistry(this.#config(), silentLog);

  newDiscovery = (options?: DiscoveryOptions): Discovery =>
    createDiscovery(this.#config(), silentLog, options);

  /** Another process in the place of the one before: what is left of that is its files. */
  async restart(options?: DiscoveryOptions): Promise<void> {
    await this.discovery.close();
    this.discovery = this.newDiscovery(options);
  }

  /** A peer that nobody knows of yet. */
  async newPeer(port = 0, service = "PaymentService"): Promise<TestPeer> {
    const peer = await TestPeer.start(service, port);
    this.peers.push(peer);
    return peer;
  }

  async announcedPeer(): Promise<TestPeer> {
    const peer = await this.newPeer();
    await this.announcer.register(peer.registration);
    return peer;
  }

  async close(): Promise<void> {
    await Promise.all([this.discovery.close(), this.announcer.close()]);
    await Promise.all(this.peers.map((peer) => peer.kill()));
    await this.registry.close();
    await rm(this.dataDir, { recursive: true });
  }

  #config = () => loadConfig({ NACOS_SERVER: this.registry.address, DATA_DIR: this.dataDir });
}
