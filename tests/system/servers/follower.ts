// A user's live notifications through Nginx, by the client that pages use, and what is missing of them in the end.

import { Agent, WebSocket } from "undici";
import * as z from "zod";
import { PushClient } from "../../../lib/push-client/push-client.ts";
import { until } from "../../support/poll.ts";
import { credentialsBy } from "../../support/system-under-test.ts";
import { readBy } from "./client.ts";
import type { Worker } from "./crew.ts";
import type { StackFacts } from "./stack.ts";

const PATH = "/api/notifications/live/";
/** Milliseconds; shorter than in pages. */
const BACK_OFF = { first: 50, longest: 500 };

const feedPage = z.object({
  items: z.array(z.object({ position: z.number(), id: z.string() })),
  position: z.number(),
  last: z.number(),
});

export interface Follower {
  /** Connections that became live. */
  connections(): number;
  /** What is missing or was doubled in comparison with the user's feed, a sentence each. Waits for what is still on its way. */
  differences(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Follows the notifications of a user who has none yet; resolves when it is live. */
export async function follow(facts: StackFacts, { user, client }: Worker): Promise<Follower> {
  const dispatcher = new Agent({ connect: { ca: facts.authority } });
  const credentials = credentialsBy(facts.secretKey);
  const token = async () =>
    ((await credentials({ sub: user }))["authorization"] ?? "").replace("Bearer ", "");
  const received: string[] = [];
  let connections = 0;
  let resets = 0;
  const push = new PushClient({
    url: `${facts.https.replace("https", "wss")}${PATH}`,
    token,
    position: 0,
    backOff: BACK_OFF,
    open: (url, protocols) => new WebSocket(url, { protocols, dispatcher }),
  });
  push.on("notification", ({ notification }) => received.push(notification.id));
  push.on("reset", () => {
    resets += 1;
  });
  push.on("state", ({ state }) => {
    if (state === "live") connections += 1;
  });
  await until(`${user} is connected`, () => push.state === "live");

  async function feed(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let position = 0; ; ) {
      const page = feedPage.parse(await readBy(client, `/api/notifications/feed/?since=${position}`));
      ids.push(...page.items.map(({ id }) => id));
      if (page.position >= page.last) return ids;
      position = page.position;
    }
  }

  return {
    connections: () => connections,
    async differences() {
      let recorded = await feed();
      await until("all has come", async () => {
        recorded = await feed();
        return received.length >= recorded.length;
      }).catch(() => {});
      const same = received.length === recorded.length && received.every((id, at) => id === recorded[at]);
      return [
        ...(same ? [] : [`${user} got ${received.length} notifications of ${recorded.length}`]),
        ...(resets === 0 ? [] : [`${user} had to read the list ${resets} times`]),
      ];
    },
    async close() {
      push.close();
      await dispatcher.destroy();
    },
  };
}
