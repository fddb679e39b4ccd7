// Which data of people sample items hold, and what becomes of them when a person is erased.

import { type Fields, nobodys, removed, userId } from "../../lib/privacy/fields.ts";
import { keptRecords, type OpenPersonalData } from "../../lib/privacy/records.ts";
import type { SampleItem } from "./sample-item.ts";
import { sampleItemStore } from "./sample-item-store.ts";

const USER = ["user"];

const fields: Fields<SampleItem> = {
  id: nobodys,
  user_id: userId("user"),
  status: nobodys,
  note: removed(USER, ""),
  created_at: nobodys,
  closed_at: nobodys,
  expires_at: nobodys,
  fingerprint: removed(USER, ""),
};

export const personalData: OpenPersonalData = ({ table }) => [
  keptRecords<SampleItem>({
    table: "samples",
    name: "sample items",
    purpose: "what this service is for",
    keeps: "for good",
    store: sampleItemStore(table("samples")),
    fields,
    attributes: ["user", "created"],
    partsOf: ({ user_id }, { id }) => (user_id === id ? USER : []),
    dealOf: ({ id }) => id,
  }),
];
