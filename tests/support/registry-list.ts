// What a registry says, read past this system's own code.

import * as z from "zod";

const list = z.object({
  hosts: z.array(
    z.object({
      ip: z.string(),
      port: z.number(),
      healthy: z.boolean(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});

export type ListedHost = z.infer<typeof list>["hosts"][number];

/** The instances of `service` in the registry at `registryUrl`, by Nacos' v1 API. Throws when it does not answer. */
export async function listedHosts(registryUrl: string, service: string): Promise<readonly ListedHost[]> {
  const query = new URLSearchParams({ serviceName: `DEFAULT_GROUP@@${service}` });
  const reply = await fetch(`${registryUrl}/nacos/v1/ns/instance/list?${query}`);
  return list.parse(await reply.json()).hosts;
}
