// The mailbox of the mail catcher: one file per mail, so that mails survive a restart; only the newest are kept.

import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { iso } from "../../lib/core/iso.ts";
import { FILE_MODE, makePrivateFolder } from "../../lib/files/private-folder.ts";
import { sealed, unsealed } from "../../lib/files/sealed.ts";
import type { Log } from "../shared/log.ts";
import { withZod } from "../shared/with-zod.ts";

export interface Mail {
  /** Sorts by time of arrival. */
  readonly id: string;
  /** The Message-ID header, which is the same in every copy of a mail that was sent again. */
  readonly message_id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** When it was written, by its Date header; RFC 3339. */
  readonly date: string;
  readonly received_at: string;
  readonly text: string;
  /** Its HTML part, as it was sent; null where it has none. */
  readonly html: string | null;
}

interface Kept {
  readonly mail: Mail;
  readonly bytes: number;
}

export interface Bounds {
  readonly count: number;
  readonly bytes: number;
}

/** The mails in a folder, newest first. When `add` resolves, the mail is in its file. */
export class Mailbox {
  readonly #folder: string;
  readonly #bounds: Bounds;
  /** Oldest first. */
  #kept: Kept[] = [];
  #arrivals = 0;

  private constructor(folder: string, bounds: Bounds) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  /**
   * Opens the folder, creating it if it does not exist. A damaged file is skipped, with a line in the log.
   * @throws if the folder cannot be read or written.
   */
  static async open(
    folder: string,
    log: Log,
    bounds = { count: 500, bytes: 16 * 1024 * 1024 },
  ): Promise<Mailbox> {
    const mailbox = new Mailbox(folder, bounds);
    makePrivateFolder(folder);
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.endsWith(".json")).sort()) {
      try {
        const path = join(folder, name);
        const text = await readFile(path, "utf8");
        const { mailFile } = await withZod(() => import("./mail-file.ts"));
        const mail = mailFile.parse(unsealed(path, text));
        mailbox.#kept.push({ mail, bytes: Buffer.byteLength(text) });
      } catch (error) {
        log("warn", "a stored mail can't be read", { file: join(folder, name), error: String(error) });
      }
    }
    await Promise.all(
      names.filter((name) => name.endsWith(".tmp")).map((name) => rm(join(folder, name), { force: true })),
    );
    await mailbox.#trim();
    return mailbox;
  }

  /** Stores a mail; resolves when it is in its file (which survives `kill -9`, not a power cut). */
  async add(content: Omit<Mail, "id" | "received_at">): Promise<Mail> {
    const now = Date.now();
    this.#arrivals += 1;
    const id = `${now.toString().padStart(15, "0")}-${process.pid}-${this.#arrivals.toString().padStart(6, "0")}`;
    const mail: Mail = { id, ...content, received_at: iso(now) };
    const text = sealed(mail);
    const draft = join(this.#folder, `${id}.tmp`);
    try {
      await writeFile(draft, text, { mode: FILE_MODE });
      await rename(draft, this.#file(id));
    } catch (cause) {
      await rm(draft, { force: true });
      throw cause;
    }
    this.#kept.push({ mail, bytes: Buffer.byteLength(text) });
    await this.#trim();
    return mail;
  }

  /** Newest first; with `messageId` only the copies of that mail. */
  list(messageId?: string): Mail[] {
    const bare = (text: string) => text.replace(/^<|>$/g, "");
    const wanted = messageId === undefined ? undefined : bare(messageId);
    return this.#kept
      .map(({ mail }) => mail)
      .filter((mail) => wanted === undefined || bare(mail.message_id) === wanted)
      .reverse();
  }

  get(id: string): Mail | undefined {
    return this.#kept.find(({ mail }) => mail.id === id)?.mail;
  }

  async clear(): Promise<void> {
    await this.#forget(this.#kept.length);
  }

  async #trim(): Promise<void> {
    let bytes = this.#kept.reduce((sum, kept) => sum + kept.bytes, 0);
    let surplus = Math.max(0, this.#kept.length - this.#bounds.count);
    bytes -= this.#kept.slice(0, surplus).reduce((sum, kept) => sum + kept.bytes, 0);
    while (bytes > this.#bounds.bytes && surplus < this.#kept.length - 1) {
      bytes -= this.#kept[surplus]?.bytes ?? 0;
      surplus += 1;
    }
    await this.#forget(surplus);
  }

  async #forget(oldest: number): Promise<void> {
    const gone = this.#kept.splice(0, oldest);
    await Promise.all(gone.map(({ mail }) => rm(this.#file(mail.id), { force: true })));
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
