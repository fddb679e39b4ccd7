// Who may do what with sample items.

import { type Access, nothing, type RowsOf, type Story } from "../../tests/support/access/access.ts";
import { as } from "../../tests/support/access/callers.ts";
import { listSeen, made, params } from "../../tests/support/access/stories.ts";
import { send } from "../../tests/support/shop.ts";
import type { samples } from "./contract.ts";

/** A sample item of the buyer's. */
async function sampleItem(story: Story) {
  const url = `${story.urlOf("samples")}/api/samples/`;
  const credentials = await as(story.people.buyer);
  return params(await made(() => send("POST", url, { note: "a note" }, credentials)));
}

const rows: RowsOf<typeof samples> = {
  createSampleItem: { prepare: () => ({ body: { note: "a note" } }), people: 201 },
  listSampleItems: { prepare: nothing, people: 200 },
  getSampleItem: { prepare: sampleItem, people: { buyer: 200, seller: 404, stranger: 404 } },
  closeSampleItem: {
    prepare: async (story) => ({ ...(await sampleItem(story)), body: {} }),
    people: { buyer: 200, seller: 404, stranger: 404 },
  },
  readInternal: { prepare: sampleItem, service: 200 },
};

export const access: Access = { rows, seen: (story) => listSeen(story, "samples", "/api/samples/") };
