// The store port, watched.

import { dynamoTable as real } from "../../../../../lib/storage/dynamo-table.ts";
import type { Table } from "../../../../../lib/storage/table.ts";
import { watched } from "../passages.ts";

export * from "../../../../../lib/storage/dynamo-table.ts";

export function dynamoTable(...[client, name]: Parameters<typeof real>): Table {
  const table = real(client, name);
  const seen = watched(name.replace(/^.*-/, ""), table);
  return new Proxy(seen, {
    get(target, key) {
      if (key !== "get") return Reflect.get(target, key);
      // Health checks look all the time; they are no part of any path.
      return (id: string) => (id === "health-probe" ? table.get(id) : target.get(id));
    },
  });
}
