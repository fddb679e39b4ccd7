// SampleService: what it offers, as data.

import * as z from "zod";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { type Contract, defineRoute } from "../../lib/contract/route.ts";
import { id, idParams, page, pageQuery, schema, text, timestamp } from "../../lib/contract/schemas.ts";
import { SAMPLE_ITEM_STATUSES } from "./sample-item-status.ts";

/** A sample item as its user sees it. */
const sampleItemView = schema(() =>
  z
    .object({
      id: id(),
      user_id: z.string(),
      status: z.enum(SAMPLE_ITEM_STATUSES),
      note: z.string(),
      created_at: timestamp(),
      closed_at: timestamp().nullable(),
      expires_at: timestamp().meta({ description: "When it is closed unless its user did before." }),
    })
    .meta({ id: "SampleItem" }),
);

export type SampleItemView = z.input<ReturnType<typeof sampleItemView>>;

export const samples = {
  service: "SampleService",
  title: "Samples",
  description: "Create, read and close sample items.",
  basePath: "/api/samples",
  routes: {
    createSampleItem: defineRoute({
      id: "createSampleItem",
      method: "POST",
      path: "/api/samples/",
      summary: "Create a sample item",
      access: "user",
      body: () =>
        z
          .strictObject({ note: text(500) })
          .meta({ id: "NewSampleItem", examples: [{ note: "Call before you come." }] }),
      idempotent: true,
      replies: { 201: { description: "The sample item", schema: sampleItemView } },
    }),
    listSampleItems: defineRoute({
      id: "listSampleItems",
      method: "GET",
      path: "/api/samples/",
      summary: "The caller's sample items, newest first",
      access: "user",
      query: () => z.strictObject({ ...pageQuery() }),
      replies: { 200: { description: "One page", schema: () => page(sampleItemView()) } },
      takesTurns: true,
    }),
    getSampleItem: defineRoute({
      id: "getSampleItem",
      method: "GET",
      path: "/api/samples/{id}/",
      summary: "One sample item, for its user",
      access: "user",
      params: idParams,
      replies: { 200: { description: "The sample item", schema: sampleItemView } },
    }),
    closeSampleItem: defineRoute({
      id: "closeSampleItem",
      method: "POST",
      path: "/api/samples/{id}/close/",
      summary: "Close an open sample item",
      access: "user",
      params: idParams,
      body: () => z.strictObject({}),
      replies: { 200: { description: "The closed sample item", schema: sampleItemView } },
      problems: [409],
    }),
    readInternal: defineRoute({
      id: "readInternal",
      method: "GET",
      path: "/internal/samples/{id}/",
      summary: "A sample item, for a peer",
      access: "service",
      // The services that may call it.
      callers: ["OrderService"],
      params: idParams,
      replies: { 200: { description: "The sample item", schema: sampleItemView } },
    }),
    ...commonRoutes,
  },
} satisfies Contract;
