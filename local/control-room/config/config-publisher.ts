// Publishes a document in Nacos: by v1, or by v3's path for operators where the server has no v1. By gRPC nothing has to be published:
// every server with it has one of the two.

import { RegistryRefused } from "../../../lib/nacos/errors.ts";
import type { NacosTransport } from "../../../lib/nacos/transport.ts";

export interface DocumentKey {
  readonly namespace: string;
  readonly group: string;
  readonly dataId: string;
}

/** Publishes `content`; null removes what is published. @throws {RegistryUnavailable} {@link RegistryRefused} */
export async function publishDocument(
  transport: Pick<NacosTransport, "call">,
  key: DocumentKey,
  content: string | null,
): Promise<void> {
  try {
    await byV1(transport, key, content);
  } catch (error) {
    if (!(error instanceof RegistryRefused) || ![404, 410, 501].includes(error.status)) throw error;
    await byV3(transport, key, content);
  }
}

async function byV1(
  transport: Pick<NacosTransport, "call">,
  { namespace, group, dataId }: DocumentKey,
  content: string | null,
): Promise<void> {
  // In v1 the public namespace has an empty name.
  const names = { dataId, group, ...(namespace === "public" ? {} : { tenant: namespace }) };
  const path = "/nacos/v1/cs/configs";
  if (content === null) await transport.call("DELETE", path, names);
  else await transport.call("POST", path, {}, { form: { ...names, type: "json", content } });
}

async function byV3(
  transport: Pick<NacosTransport, "call">,
  { namespace, group, dataId }: DocumentKey,
  content: string | null,
): Promise<void> {
  const names = { dataId, groupName: group, namespaceId: namespace };
  const path = "/nacos/v3/admin/cs/config";
  if (content === null) await transport.call("DELETE", path, names);
  else await transport.call("POST", path, {}, { form: { ...names, type: "json", content } });
}
