// The document of everything that is held about a person.

import type { Found } from "./search.ts";

/** Where a person's data may be besides the database. */
const ABOUT = [
  "This is everything that the tables of OrderService, PaymentService and NotificationService hold about the person, deleted orders and notifications that are kept for a while included. In records that they share with others, what belongs to the others is left out.",
  "Not in it: logs, which name orders, payments and notifications by their ids (LOG_DIR; on AWS the log groups), and traces, which also name the user's id (the control room, and where OTEL_EXPORTER_OTLP_ENDPOINT sends them). Neither has names, addresses or texts that people wrote.",
  "Not in it: backups, the mail that was sent and what its servers keep, the records of payment providers and of push services, and the accounts of the identity provider.",
];

export interface PersonDocument {
  readonly person: string;
  /** Where it was read: the database's address, and the beginning of the tables' names. */
  readonly source: { readonly database: string; readonly tables: string };
  readonly exported_at: string;
  readonly about: readonly string[];
  /** By kind: each with the person's parts in it. */
  readonly records: Readonly<
    Record<string, readonly { readonly as: readonly string[]; readonly data: unknown }[]>
  >;
}

/** The document of what was found about the person `id`. */
export function personDocument(
  id: string,
  source: PersonDocument["source"],
  found: readonly Found[],
  names: readonly string[],
  exportedAt: string,
): PersonDocument {
  const of = (name: string) =>
    found.filter(({ records }) => records.name === name).map(({ parts, data }) => ({ as: parts, data }));
  return {
    person: id,
    source,
    exported_at: exportedAt,
    about: ABOUT,
    records: Object.fromEntries(names.map((name) => [name, of(name)])),
  };
}
