// The embedded mail catcher: accepts the mails that the services send and shows them, so that no mail leaves the machine.

import { join } from "node:path";
import type { Address } from "../shared/listener/listen.ts";
import type { Log } from "../shared/log.ts";
import { Mailbox } from "./mailbox.ts";
import { createPageServer } from "./page-server.ts";
import { createSmtpServer } from "./smtp.ts";

export interface MailCatcherOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly smtpPort: number;
  /** 0: any free port. */
  readonly pagePort: number;
  /** The newest 500 mails are kept in its folder `mail`. */
  readonly dataDir: string;
  readonly log: Log;
}

export interface MailCatcher {
  readonly host: string;
  readonly smtpPort: number;
  readonly pagePort: number;
  close(): Promise<void>;
}

/** The mail catcher cannot listen on one of its two ports. */
export class MailListenError extends Error {
  readonly code = "mail_listen_failed";
  readonly port: number;
  readonly setting: "MAIL_SMTP_PORT" | "MAIL_PAGE_PORT";

  constructor(port: number, setting: "MAIL_SMTP_PORT" | "MAIL_PAGE_PORT", cause: Error) {
    super(
      `The mail catcher cannot listen on port ${port} (${cause.message}). Set ${setting} to a free port.`,
      { cause },
    );
    this.name = "MailListenError";
    this.port = port;
    this.setting = setting;
  }
}

/**
 * Starts the mail catcher; resolves when both ports answer.
 * @throws {MailListenError} if a port cannot be used; other errors if `dataDir` cannot be read or written.
 */
export async function startMailCatcher(options: MailCatcherOptions): Promise<MailCatcher> {
  const { host, log } = options;
  const mailbox = await Mailbox.open(join(options.dataDir, "mail"), log);
  const smtp = createSmtpServer(mailbox, log);
  const page = createPageServer(mailbox, log);
  const smtpPort = await listen(smtp, { host, port: options.smtpPort }, "MAIL_SMTP_PORT");
  let pagePort: number;
  try {
    pagePort = await listen(page, { host, port: options.pagePort }, "MAIL_PAGE_PORT");
  } catch (error) {
    await smtp.close();
    throw error;
  }
  const close = async () => {
    await Promise.all([page.close(0), smtp.close()]);
  };
  return { host, smtpPort, pagePort, close };
}

const listen = (
  listener: { open(address: Address): Promise<number> },
  address: Address,
  setting: MailListenError["setting"],
): Promise<number> =>
  listener.open(address).catch((cause: Error) => {
    throw new MailListenError(address.port, setting, cause);
  });
