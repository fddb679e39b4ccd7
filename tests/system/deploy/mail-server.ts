// The mail server of the deployed functions: it takes everything, at the address of SMTP_URL.

import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export class MailServer {
  readonly #texts = new Map<string, string[]>();
  readonly #server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: async (stream, { envelope }, done) => {
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part);
      const { text = "" } = await PostalMime.parse(Buffer.concat(parts));
      for (const { address } of envelope.rcptTo) {
        this.#texts.set(address, [...this.to(address), text]);
      }
      done();
    },
  });

  listen(): Promise<void> {
    const { hostname, port } = new URL(process.env["SMTP_URL"] ?? "");
    return new Promise((resolve) => this.#server.listen(Number(port), hostname, resolve));
  }

  /** The texts of the mails to `address`. */
  to(address: string): readonly string[] {
    return this.#texts.get(address) ?? [];
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
