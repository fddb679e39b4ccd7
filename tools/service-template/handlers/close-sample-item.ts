// POST /api/samples/{id}/close/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { commandSampleItem } from "../command.ts";
import { samples } from "../contract.ts";
import { closeSampleItem } from "../sample-item.ts";
import { sampleItemToView } from "../sample-item-view.ts";
import { type SampleService, sampleService } from "../service.ts";

const route = samples.routes.closeSampleItem;
type Request = Pick<HttpRequest<typeof route>, "params" | "user">;

/** Closes the sample item, for its user. */
export async function handle(service: SampleService, { params, user }: Request) {
  const sampleItem = await commandSampleItem(service, params.id, user.id, closeSampleItem);
  return { status: 200 as const, body: sampleItemToView(sampleItem) };
}

export const handler = httpHandler(samples, route, (request) => handle(sampleService(), request));
