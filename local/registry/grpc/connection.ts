// A client that has set up its connection: what it keeps registered, and what is sent to it.

import { Published } from "../published.ts";
import type { ServiceTable } from "../service-table.ts";
import { Pushes } from "./pushes.ts";

export class GrpcConnection {
  readonly id: string;
  readonly published: Published;
  readonly pushes: Pushes;

  /** @param send writes framed messages to the client's stream. */
  constructor(id: string, table: ServiceTable, send: (framed: Buffer) => void) {
    this.id = id;
    this.published = new Published(table, id);
    this.pushes = new Pushes(send);
  }
}
