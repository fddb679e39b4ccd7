// GET /api/samples/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { samples } from "../contract.ts";
import { visibleTo } from "../sample-item.ts";
import { sampleItemToView } from "../sample-item-view.ts";
import { type SampleService, sampleService } from "../service.ts";

const route = samples.routes.getSampleItem;
type Request = Pick<HttpRequest<typeof route>, "params" | "user">;

/** The sample item, for its user. */
export async function handle({ store }: SampleService, { params, user }: Request) {
  const sampleItem = visibleTo(await store.read(params.id), user.id);
  return { status: 200 as const, body: sampleItemToView(sampleItem) };
}

export const handler = httpHandler(samples, route, (request) => handle(sampleService(), request));
