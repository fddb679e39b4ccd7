// GET /internal/samples/{id}/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { samples } from "../contract.ts";
import { sampleItemToView } from "../sample-item-view.ts";
import { type SampleService, sampleService } from "../service.ts";

const route = samples.routes.readInternal;
type Request = Pick<HttpRequest<typeof route>, "params">;

/** Any sample item, for a peer. */
export async function handle({ store }: SampleService, { params }: Request) {
  const sampleItem = await store.read(params.id);
  if (!sampleItem) throw notFound("sample item");
  return { status: 200 as const, body: sampleItemToView(sampleItem) };
}

export const handler = httpHandler(samples, route, (request) => handle(sampleService(), request));
