// The mail port, watched.

import {
  smtpMailer as real,
  type SmtpMailer,
} from "../../../../../functions/notifications/channels/email.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/channels/email.ts";

export const smtpMailer = (...given: Parameters<typeof real>): SmtpMailer => watched("mail", real(...given));
