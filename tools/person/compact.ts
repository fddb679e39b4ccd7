// Has the embedded database remove from its files what was overwritten or deleted.

import { request } from "node:http";
import { COMPACTION_PATH } from "../../local/database/upkeep-paths.ts";

/** Resolves when the files of the database at `url` hold nothing but what is stored now. @throws {Error} when it could not do that. */
export async function compact(url: string): Promise<void> {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(new URL(COMPACTION_PATH, url), { method: "PUT", agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
  if (status !== 204)
    throw new Error(
      `The records are erased, but the embedded database could not clean its files (${status}); run it again.`,
    );
}
