// What the file of a published configuration says.

import * as z from "zod";

export const storedConfig = z.object({
  tenant: z.string(),
  group: z.string(),
  dataId: z.string(),
  content: z.string(),
  /** `text`, `json`, `yaml` …: what the publisher called it. */
  type: z.string(),
  /** Hex MD5 of the content as UTF-8, by which clients notice a change. */
  md5: z.string(),
  /** Epoch milliseconds. */
  modifiedAt: z.number(),
});

export type StoredConfig = Readonly<z.infer<typeof storedConfig>>;
