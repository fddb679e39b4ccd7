// Mail over SMTP.

import { isLoopback, parseHost } from "../../../lib/core/host.ts";
import { onLambda } from "../../../lib/core/on-lambda.ts";
import { readable } from "../../../lib/core/text.ts";
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

/**
 * A mail was not accepted. `permanent`: this mail to this address never will be, so it is not retried. `unsure`: the server had all of it, and
 * may have accepted it, but its reply did not come (RFC 1047).
 */
export class MailFailure extends DeliveryFailure {
  readonly code = "mail_failed";
  readonly reason: string;
  readonly unsure: boolean;

  constructor(
    reason: string,
    permanent: boolean,
    { unsure = false, retryAfter }: { readonly unsure?: boolean; readonly retryAfter?: number } = {},
  ) {
    const what = unsure ? "may not have been accepted" : "was not accepted";
    super(permanent ? "final" : "away", `The mail ${what}: ${reason}`, retryAfter);
    this.name = "MailFailure";
    this.reason = reason;
    this.unsure = unsure;
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
 * Milliseconds for the reply once the server has all of the mail: many look into it first, and whoever does not wait sends it again (RFC 5321,
 * 4.5.3.2.6). A function on AWS has no such time.
 */
const REPLY_MS = 30_000;

/**
 * A mailer that uses the server at `url` (`smtp://user:password@host:587`) and sends from `from`. A mail fails when it is not handed over in
 * `mailMs`, or there is no reply in `replyMs` after that; with 0 `mailMs` is for both. Loads nodemailer for the first mail.
 */
export function smtpMailer(
  url: string,
  from: string,
  { mailMs = MAIL_MS, replyMs = onLambda() ? 0 : REPLY_MS } = {},
): SmtpMailer {
  let opened: ReturnType<typeof openTransport> | undefined;
  const { hostname } = new URL(url);
  async function send({ to, subject, text, html, language, unsubscribeUrl, messageId }: Mail): Promise<void> {
    opened ??= openTransport(url, from);
    const transport = await opened;
    const over = new AbortController();
    const expire = () => over.abort();
    let timer = setTimeout(expire, mailMs).unref();
    let isHandedOver = false;
    handedOver.set(over.signal, () => {
      isHandedOver = true;
      if (replyMs === 0) return;
      clearTimeout(timer);
      timer = setTimeout(expire, replyMs).unref();
    });
    try {
      await transport.sendMail({
        signal: over.signal,
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
      throw over.signal.aborted
        ? new MailFailure("timeout", false, { unsure: isHandedOver })
        : toFailure(error, isHandedOver);
    } finally {
      clearTimeout(timer);
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

/** Called when all of a mail was read to be sent, by its signal. */
const handedOver = new WeakMap<object, () => void>();

async function openTransport(url: string, from: string) {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(
    {
      url,
      ...(mustEncrypt(new URL(url)) ? { requireTLS: true } : {}),
      pool: true,
      maxConnections: MAIL_CONNECTIONS,
      idleTimeout: IDLE_MS,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: Math.max(MAIL_MS, REPLY_MS),
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  transport.use("stream", ({ data, message }, done) => {
    message.processFunc((content) => content.once("end", () => handedOver.get(Object(data.signal))?.()));
    done();
  });
  return transport;
}

/** Milliseconds after a log-in that was refused: servers lock out who tries again for each mail that waits. */
const LOGIN_MS = 60_000;

/** Commands whose 5xx reply is about this mail. A 5xx to a log-in or to the sender is an error in the settings, which can be corrected. */
const ABOUT_THE_MAIL = new Set(["RCPT TO", "DATA"]);
/** Log-in or encryption is required (RFC 4954, 6), whichever command says so. */
const ABOUT_THE_SETTINGS = new Set([530, 538]);

// The server's text may contain the address, which must not be logged; status and command are enough.
function toFailure(error: unknown, isHandedOver: boolean): MailFailure {
  if (typeof error !== "object" || error === null) return new MailFailure("unknown", false);
  const status = "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : 0;
  const command = "command" in error ? String(error.command) : "";
  const code = "code" in error ? String(error.code) : "unknown";
  const permanent = status >= 500 && ABOUT_THE_MAIL.has(command) && !ABOUT_THE_SETTINGS.has(status);
  const unsure = isHandedOver && status === 0;
  const pause = code === "EAUTH" ? { retryAfter: LOGIN_MS } : {};
  return new MailFailure([code, command, status || ""].join(" ").trim(), permanent, { unsure, ...pause });
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
