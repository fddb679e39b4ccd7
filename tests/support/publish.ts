// Publishing configurations in Nacos past this system's own code: its v1 API, or the operator API of servers without it.

export interface ConfigKey {
  readonly dataId: string;
  readonly group: string;
}

/** Publishes `content` in the registry at `registryUrl`. Throws when it is not taken. */
export async function publishConfig(registryUrl: string, key: ConfigKey, content: string): Promise<void> {
  const body = new URLSearchParams({ ...key, content, type: "json" });
  await taken(await fetch(`${registryUrl}/nacos/v1/cs/configs`, { method: "POST", body }));
}

/** Removes a configuration. */
export async function removeConfig(registryUrl: string, key: ConfigKey): Promise<void> {
  const query = new URLSearchParams({ ...key });
  await taken(await fetch(`${registryUrl}/nacos/v1/cs/configs?${query}`, { method: "DELETE" }));
}

async function taken(reply: Response): Promise<void> {
  const text = await reply.text();
  if (reply.status !== 200 || text.trim() !== "true") throw new Error(`status ${reply.status}: ${text}`);
}
