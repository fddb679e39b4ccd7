// The tables of this system, as they are created from the list of services.

import { tableResources } from "../../build/tables.ts";
import { services } from "../../functions/services.ts";
import { type CreateTable, tablesOf } from "../../local/runtime/tables.ts";

/** What creates them, with names that begin with `family`; `narrow` as on AWS. */
export const systemTables = (family: string, narrow = false): readonly CreateTable[] =>
  tablesOf(
    tableResources(
      services.flatMap(({ tables }) => tables),
      { family, onRemoval: "Delete", narrow },
    ),
  );
