// What the file of a mail says.

import * as z from "zod";

export const mailFile = z.object({
  id: z.string(),
  message_id: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  date: z.string(),
  received_at: z.string(),
  text: z.string(),
  // Files of earlier versions do not have it.
  html: z.string().nullable().default(null),
});
