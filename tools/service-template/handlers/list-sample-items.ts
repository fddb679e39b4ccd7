// GET /api/samples/

import { pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { samples } from "../contract.ts";
import { sampleItemToView } from "../sample-item-view.ts";
import { type SampleService, sampleService } from "../service.ts";
import { BY_USER } from "../tables.ts";

const route = samples.routes.listSampleItems;
type Request = Pick<HttpRequest<typeof route>, "query" | "user" | "scope">;

/** One page of the caller's sample items, newest first. */
export async function handle({ store, ports }: SampleService, { query, user, scope }: Request) {
  const pages = pagesOf(ports.cursorKeys, [user.id, route.id], query);
  const page = await store.list({
    index: BY_USER,
    hash: user.id,
    descending: true,
    limit: pages.limit,
    signal: scope.signal,
    ...(pages.after === undefined ? {} : { bound: { "<": pages.after } }),
  });
  return {
    status: 200 as const,
    body: { items: page.items.map(sampleItemToView), next_cursor: pages.cursor(page.next) },
  };
}

export const handler = httpHandler(samples, route, (request) => handle(sampleService(), request));
