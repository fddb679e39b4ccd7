// POST /api/samples/

import { checkReplay, creation } from "../../../lib/core/idempotency.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { samples } from "../contract.ts";
import { createSampleItem } from "../sample-item.ts";
import { sampleItemToView } from "../sample-item-view.ts";
import { type SampleService, sampleService } from "../service.ts";

const route = samples.routes.createSampleItem;
type Request = Pick<HttpRequest<typeof route>, "body" | "user" | "idempotencyKey">;

/** Creates a sample item, or answers with the one that the same `Idempotency-Key` created. */
export async function handle({ store, ports }: SampleService, { body, user, idempotencyKey }: Request) {
  const created = creation(user.id, route.id, idempotencyKey, body);
  const { id, fingerprint } = created;
  const sampleItem = createSampleItem({ id, fingerprint, user_id: user.id, note: body.note }, ports.now());
  const earlier = await store.createOrRead(sampleItem);
  if (!earlier) return { status: 201 as const, body: sampleItemToView(sampleItem) };
  checkReplay(created, { fingerprint: earlier.fingerprint, deleted: false });
  return { status: 201 as const, body: sampleItemToView(earlier), headers: REPLAYED };
}

export const handler = httpHandler(samples, route, (request) => handle(sampleService(), request));
