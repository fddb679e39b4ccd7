// Mail over SMTP.

import { isLoopback, parseHost } from "../../../lib/core/host.ts";
import { readable } from "../../../lib/core/text.ts";
import { timeLimit } from "../../../lib/core/time-limit.ts";
import { asCall, type Call } from "../../../lib/observability/traffic.ts";
import { DeliveryFailure } from "../../../lib/outbox/failure.ts";
import { notifications } from "../contract.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same as HTML: a whole document. */
  readonly html: string;
  /** The language that it is written in. */
  readonly language: string;
  /** Set in promotion: where one `POST` unsubscribes its reader (RFC 8058). */
  readonly unsubscribeUrl?: string;
  /** With its angle brackets; the same in every attempt. */
  readonly messageId: string;
}

export interface Mailer {
  /** Resolves when a mail server has accepted it. @throws {MailFailure} when it did not. */
  send(mail: Mail): Promise<void>;
}

/** A mail was not accepted. `permanent`: this mail to this address never will be, so it is not retried. */
export class MailFailure extends DeliveryFailure {
  readonly code = "mail_failed";

  constructor(reason: string, permanent: boolean) {
    super(permanent ? "final" : "away", `The mail was not accepted: ${reason}`);
    this.name = "MailFailure";
  }
}

export interface SmtpMailer extends Mailer {
  close(): Promise<void>;
}

const TO_MAIL: Call = { from: notifications.service, to: "mail", kind: "mail" };
const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_MS = 30_000;

/** Connections to the mail server that are open at once. */
export const MAIL_CONNECTIONS = 4;

/**
 * Milliseconds for one mail, its connection included; less than a relay has for all it does. The time limits of a connection begin anew with each
 * byte: a server that sends its replies byte by byte would keep it, and the mails behind it, for good.
 */
const MAIL_MS = 8_000;

/**
 * A mailer that uses the server at `url` (`smtp://user:password@host:587`) and sends from `from`; a mail fails that takes longer than `mailMs`.
 * Loads nodemailer for the first mail.
 */
export function smtpMailer(url: string, from: string, mailMs: number = MAIL_MS): SmtpMailer {
  let opened: ReturnType<typeof openTransport> | undefined;
  const { hostname } = new URL(url);
  async function send({ to, subject, text, html, language, unsubscribeUrl, messageId }: Mail): Promise<void> {
    opened ??= openTransport(url, from);
    const transport = await opened;
    const limit = timeLimit(mailMs);
    try {
      await transport.sendMail({
        signal: limit.signal,
        // An object is always one address; a string could be parsed as a list.
        to: { name: "", address: to },
        text: readable(text),
        html: readable(html),
        messageId,
        headers: {
          Subject: subjectHeader(readable(subject.replace(/\s+/g, " ").trim())),
          "Auto-Submitted": "auto-generated",
          "Content-Language": language,
          ...(unsubscribeUrl === undefined ? {} : oneClick(unsubscribeUrl)),
        },
      });
    } catch (error) {
      throw limit.signal.aborted ? new MailFailure("timeout", false) : toFailure(error);
    } finally {
      limit.clear();
    }
  }
  return {
    send: (mail) =>
      asCall(
        TO_MAIL,
        () => ({
          name: "send mail",
          kind: "client",
          attributes: {
            "messaging.system": "smtp",
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.message.id": mail.messageId,
            "server.address": hostname,
          },
        }),
        () => send(mail),
      ),
    async close() {
      (await opened)?.close();
    },
  };
}

/** RFC 8058, 3.1. */
const oneClick = (url: string) => ({
  "List-Unsubscribe": `<${url}>`,
  "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
});

/**
 * Whether the server must encrypt (STARTTLS) before it is told the password. Else whoever stands between could take that offer out of its
 * greeting, and read it. Not on this machine, nor where the URL says otherwise.
 */
const mustEncrypt = ({ protocol, username, password, hostname, searchParams }: URL): boolean =>
  protocol === "smtp:" &&
  `${username}${password}` !== "" &&
  !isLoopback(parseHost(hostname) ?? "") &&
  !searchParams.has("requireTLS") &&
  !searchParams.has("ignoreTLS");

async function openTransport(url: string, from: string) {
  const { createTransport } = await import("nodemailer");
  return createTransport(
    {
      url,
      ...(mustEncrypt(new URL(url)) ? { requireTLS: true } : {}),
      pool: true,
      maxConnections: MAIL_CONNECTIONS,
      idleTimeout: IDLE_MS,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: MAIL_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
}

/** Commands whose 5xx reply is about this mail. A 5xx to a log-in or to the sender is an error in the settings, which can be corrected. */
const ABOUT_THE_MAIL = new Set(["RCPT TO", "DATA"]);
/** Log-in or encryption is required (RFC 4954, 6), whichever command says so. */
const ABOUT_THE_SETTINGS = new Set([530, 538]);

// The server's text may contain the address, which must not be logged; status and command are enough.
function toFailure(error: unknown): MailFailure {
  if (typeof error !== "object" || error === null) return new MailFailure("unknown", false);
  const status = "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : 0;
  const command = "command" in error ? String(error.command) : "";
  const code = "code" in error ? String(error.code) : "unknown";
  const permanent = status >= 500 && ABOUT_THE_MAIL.has(command) && !ABOUT_THE_SETTINGS.has(status);
  return new MailFailure([code, command, status || ""].join(" ").trim(), permanent);
}

/** Bytes of text in one encoded word: a line with it, also the first with the header's name, has 76 characters at most (RFC 2047, 2). */
const WORD_BYTES = 39;

/**
 * The header's value for nodemailer, which encodes what is not ASCII. A text that looks like an encoded word is encoded here, or a
 * reader would see what it decodes to.
 */
function subjectHeader(subject: string): string | { readonly prepared: true; readonly value: string } {
  if (!subject.includes("=?")) return subject;
  const words = [""];
  for (const character of subject) {
    const longer = `${words.at(-1)}${character}`;
    if (Buffer.byteLength(longer) <= WORD_BYTES) words[words.length - 1] = longer;
    else words.push(character);
  }
  const value = words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString("base64")}?=`).join("\r\n ");
  // A line of its own for each: nodemailer folds nothing that is prepared, and servers refuse lines of more than 998 characters.
  return { prepared: true, value };
}
