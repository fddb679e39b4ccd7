// What the mail catcher of a local system has got.

import * as z from "zod";
import { send } from "./shop.ts";

const caught = z.object({ items: z.array(z.object({ to: z.string(), text: z.string() })) });

/** The texts of the mails to `address`; `mailUrl`: the base URL of the mail page. */
export async function caughtMails(mailUrl: string, address: string): Promise<readonly string[]> {
  const { body } = await send("GET", `${mailUrl}/api/messages`);
  return caught.parse(body).items.flatMap(({ to, text }) => (to === address ? [text] : []));
}
