// Tells those who listen to a configuration that it has changed; they query it themselves.

import type { Json } from "../json-params.ts";
import { type ConfigKey, configKey } from "../stored-config.ts";
import type { GrpcConnection } from "./connection.ts";
import type { PushMessages } from "./messages.ts";
import { Watchers } from "./watchers.ts";

export class ConfigPushes {
  readonly #messages: PushMessages;
  readonly #listeners = new Watchers<GrpcConnection, Json>();

  constructor(messages: PushMessages) {
    this.#messages = messages;
  }

  /** @param named `group`, `dataId` and `tenant` as the client named the configuration. */
  watch(key: ConfigKey, connection: GrpcConnection, named: Json): void {
    this.#listeners.watch(configKey(key), connection, named);
  }

  unwatch(key: ConfigKey, connection: GrpcConnection): void {
    this.#listeners.unwatch(configKey(key), connection);
  }

  /** The connection listens to nothing any more. */
  leave(connection: GrpcConnection): void {
    this.#listeners.leave(connection);
  }

  changed(key: ConfigKey): void {
    const topic = configKey(key);
    for (const [{ pushes }, { group, dataId, tenant }] of this.#listeners.of(topic)) {
      // Nacos omits an empty namespace here: its clients then use their own.
      const named = { dataId, group, ...(tenant !== "" && { tenant }) };
      const fields = JSON.stringify(named).slice(1, -1);
      pushes.push(`config ${topic}`, () =>
        this.#messages.push("ConfigChangeNotifyRequest", "config", fields),
      );
    }
  }
}
