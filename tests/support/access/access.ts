// Who may do what, as each service declares for its own routes in functions/<key>/test-access.ts.

import type { Contract } from "../../../lib/contract/route.ts";
import type { Headers, Urls } from "../shop.ts";
import type { People } from "./callers.ts";

/** One request, but for the credentials. */
export interface RequestParts {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Headers;
}

export interface Story {
  readonly urls: Urls;
  /** Base URL of any service, by its key. */
  urlOf(key: string): string;
  readonly people: People;
}

/** How to call a route, and the status for buyer, seller and a stranger (a user who is no party) when all else is valid. */
export interface Row {
  /** Creates what the request is about, anew at each call. */
  prepare(story: Story): RequestParts | Promise<RequestParts>;
  /** Status for each of the three with a valid token; one number: all the same. */
  readonly people?: number | { readonly buyer: number; readonly seller: number; readonly stranger: number };
  /** The same with `DEBUG=True`, where it differs. */
  readonly debug?: Row["people"];
  /**
   * Status without the scope `sell` for a route that needs it whoever the user is; by default the seller without it is a stranger. With
   * `DEBUG=True` a bare header has the scope.
   */
  readonly unscoped?: number;
  /** Status for a peer. */
  readonly service?: number;
  /** Status for any caller, with any credentials. */
  readonly anyone?: number;
}

/** A service's answers. */
export interface Access {
  /** By the ids of its routes. */
  readonly rows: Readonly<Record<string, Row>>;
  /** The buyer's own data there, which a refused request must not change. */
  seen(story: Story): Promise<unknown>;
}

/** Rows for every route of the contract `C` but those that all services have. */
export type RowsOf<C extends Contract> = Readonly<
  Record<Exclude<keyof C["routes"], keyof typeof COMMON_ROWS>, Row>
>;

export const nothing = (): RequestParts => ({});

const COMMON_ROWS = {
  health: { prepare: nothing, anyone: 200 },
  openapi: { prepare: nothing, anyone: 200 },
  docs: { prepare: nothing, anyone: 200 },
  docsAsset: { prepare: () => ({ params: { asset: "start.js" } }), anyone: 200 },
} as const satisfies Record<string, Row>;

/** What the service with this key says. */
export async function accessOf(key: string): Promise<Access> {
  const { access }: { readonly access: Access } = await import(`../../../functions/${key}/test-access.ts`);
  return { ...access, rows: { ...access.rows, ...COMMON_ROWS } };
}
