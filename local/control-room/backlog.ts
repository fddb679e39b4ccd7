// What arrived while nobody looked, as it arrived: reading it and making rows of it takes more of the machine than all that the runtimes do for
// it. It is kept in the history, so it survives restarts and is part of its budget.

import { type History, numberOf } from "./history.ts";
import { isRecord } from "./spans.ts";

export interface Unread {
  /** The runtime that it is of; null: the embedded database. */
  readonly sender: string | null;
  readonly body: Buffer;
}

export class Backlog {
  readonly #history: History;
  readonly #insert: ReturnType<History["statement"]>;
  readonly #oldest: ReturnType<History["statement"]>;
  readonly #remove: ReturnType<History["statement"]>;
  /** False: it is known that there is none. */
  #mayHave = true;

  constructor(history: History) {
    this.#history = history;
    this.#insert = history.statement("INSERT INTO unread VALUES (?,?,?)");
    this.#oldest = history.statement("SELECT id, sender, body FROM unread ORDER BY id LIMIT 1");
    this.#remove = history.statement("DELETE FROM unread WHERE id <= ?");
  }

  /** @throws when it can't be kept. */
  add({ sender, body }: Unread): void {
    this.#history.write(Math.ceil(body.length / ROW_BYTES), () =>
      this.#insert.run(this.#history.nextId(), sender, body),
    );
    this.#mayHave = true;
  }

  get isEmpty(): boolean {
    return !this.#mayHave;
  }

  /** Number of deliveries that wait. */
  size(): number {
    if (!this.#mayHave) return 0;
    const row: unknown = this.#history.statement("SELECT count(*) AS n FROM unread").get();
    return isRecord(row) ? numberOf(row["n"]) : 0;
  }

  /** The oldest, which is not in the backlog any more. @throws when the history can't be written. */
  take(): Unread | undefined {
    const row: unknown = this.#mayHave ? this.#oldest.get() : undefined;
    if (!isRecord(row)) {
      this.#mayHave = false;
      return undefined;
    }
    const { id, sender, body } = row;
    this.#remove.run(numberOf(id));
    const bytes = body instanceof Uint8Array ? body : new Uint8Array();
    return {
      sender: typeof sender === "string" ? sender : null,
      body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    };
  }
}

/** Of a row of the history, about: by so many, the room is looked at again. */
const ROW_BYTES = 400;
