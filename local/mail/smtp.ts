// The SMTP server of the mail catcher: accepts every mail, from and to anyone, and delivers none.

import type { Address } from "postal-mime";
import type { SMTPServer, SMTPServerDataStream } from "smtp-server";
import { tcpLimits } from "../shared/listener/limits.ts";
import { type TcpListener, tcpListener } from "../shared/listener/tcp-server.ts";
import type { Log } from "../shared/log.ts";
import type { Mail, Mailbox } from "./mailbox.ts";

const maxMailBytes = 1024 * 1024;

const MAX_CONNECTIONS = 100;

/**
 * An SMTP server: answers 250 when the mail is in `mailbox`, and 552 above 1 MiB. Closing ends open connections: no mail is
 * lost, since its sender has got no 250 yet. The SMTP package is loaded by the first connection, to keep the start short.
 */
export function createSmtpServer(mailbox: Mailbox, log: Log): TcpListener {
  let speaker: Promise<SMTPServer> | undefined;
  // In SMTP the server sends first, so nothing is lost while the package loads.
  return tcpListener(tcpLimits(MAX_CONNECTIONS), async (socket) => {
    speaker ??= loadSpeaker(mailbox, log);
    const { server: inner } = await speaker;
    inner.emit("connection", socket);
  });
}

async function loadSpeaker(mailbox: Mailbox, log: Log): Promise<SMTPServer> {
  const { SMTPServer } = await import("smtp-server");
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: maxMailBytes,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "anyone" }),
    onData(stream, _session, done) {
      receive(stream)
        .then((raw) => parse(raw))
        .then((content) => mailbox.add(content))
        .then(
          (mail) => done(null, `Kept as ${mail.id}`),
          (error: Error) => {
            if (!(error instanceof MailTooBig))
              log("error", "a mail could not be stored", { error: error.stack });
            done(error);
          },
        );
    },
  });
  // A client that closes the connection early is no error of this server.
  server.on("error", (error) => log("warn", "a mail connection failed", { error: String(error) }));
  return server;
}

class MailTooBig extends Error {
  readonly responseCode = 552;
}

async function receive(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= maxMailBytes) chunks.push(chunk);
  }
  if (stream.sizeExceeded || size > maxMailBytes) throw new MailTooBig("The mail is larger than 1 MiB");
  return Buffer.concat(chunks);
}

async function parse(raw: Buffer): Promise<Omit<Mail, "id" | "received_at">> {
  // Loaded with the first mail.
  const { default: PostalMime } = await import("postal-mime");
  const mail = await PostalMime.parse(raw);
  return {
    message_id: mail.messageId ?? "",
    from: mail.from === undefined ? "" : shown(mail.from),
    to: (mail.to ?? []).map(shown).join(", "),
    subject: mail.subject ?? "",
    date: dateOf(mail.date).toISOString(),
    text: mail.text ?? mail.html ?? "",
    html: mail.html ?? null,
  };
}

/** As in a header: `"Ann" <ann@example.com>`, or `Team: "Ann" <ann@example.com>, bob@example.com;`. */
function shown({ name, address, group }: Address): string {
  if (group !== undefined) return `${name}: ${group.map(shown).join(", ")};`;
  return name === "" ? address : `"${name}" <${address}>`;
}

/** The time of a Date header; now, where there is none that can be read. */
function dateOf(text: string | undefined): Date {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? new Date() : date;
}
