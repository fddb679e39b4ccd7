// A client that has set up its connection: who it is, what it keeps registered, and what is sent to it.

import type { ConnectedClient } from "../clients.ts";
import { type Json, optionalObjectField } from "../json-params.ts";
import { Published } from "../published.ts";
import type { ServiceTable } from "../service-table.ts";
import { Pushes } from "./pushes.ts";

/** Most characters that are kept of what a client says about itself. */
const MAX_NAME = 128;

export interface ConnectionActions {
  /** Writes framed messages to the client's stream. */
  readonly send: (framed: Buffer) => void;
  readonly end: (why: string) => void;
}

export class GrpcConnection implements ConnectedClient {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
  readonly version: string;
  readonly appName: string | undefined;
  readonly since: number;
  readonly published: Published;
  readonly pushes: Pushes;
  /** Cuts the client off; the log says why. */
  readonly end: (why: string) => void;

  /** @param client who it is. */
  constructor(client: ConnectedClient, table: ServiceTable, { send, end }: ConnectionActions) {
    this.id = client.id;
    this.ip = client.ip;
    this.port = client.port;
    this.version = client.version;
    this.appName = client.appName;
    this.since = client.since;
    this.published = new Published(table, client.id);
    this.pushes = new Pushes(send);
    this.end = end;
  }
}

/** What a client's setup says about it. */
export const describedBy = (setup: Json): Pick<ConnectedClient, "version" | "appName"> => ({
  version: nameIn(setup, "clientVersion") ?? "",
  appName: nameIn(optionalObjectField(setup, "labels"), "AppName"),
});

function nameIn(fields: Json, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value.slice(0, MAX_NAME) : undefined;
}
