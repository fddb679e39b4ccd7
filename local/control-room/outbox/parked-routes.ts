// What is parked in the tables of all services, and what is tried again from here, as `npm run outbox` does.

import * as z from "zod";
import { services } from "../../../functions/services.ts";
import type { Config } from "../../../lib/config/env.ts";
import { DomainError } from "../../../lib/core/domain-error.ts";
import { Problem, problemOf } from "../../../lib/http/problem.ts";
import type { ParkedSource } from "../../../lib/outbox/parked.ts";
import type { Table } from "../../../lib/storage/table.ts";
import type { Runtimes } from "../runtimes.ts";
import { atDatabase } from "../system-database.ts";
import { systemSettings } from "../system-settings.ts";
import type { ParkedItem, ParkedView, Retried, RetryRequest } from "./contract.ts";

export interface ParkedPorts {
  readonly runtimes: Pick<Runtimes, "all">;
  /** By default what its runtimes report. @throws {Problem} while they are not known. */
  readonly settings?: () => Config;
}

const MOST = 100;
const text = z.string().min(1).max(200);
const request = z.object({ table: text, aggregate: text, id: text });

export function parkedRoutes({ runtimes, settings = () => systemSettings(runtimes) }: ParkedPorts) {
  const atSources = <T>(work: (sources: readonly ParkedSource[]) => Promise<T>): Promise<T> =>
    atDatabase(settings(), async ({ table }) => work(await sourcesOf(table)));
  return {
    read: (): Promise<ParkedView> =>
      atSources(async (sources) => {
        const found: ParkedItem[] = [];
        for (const source of sources) found.push(...(await source.list(MOST - found.length + 1)));
        return { items: found.slice(0, MOST), more: found.length > MOST };
      }),
    async command(asked: unknown): Promise<Retried> {
      const { data } = request.safeParse(asked, { jitless: true });
      if (data === undefined)
        throw new Problem(400, "malformed", "Send the table, aggregate and id of what is parked.");
      const retried = await atSources((sources) => retry(sources, data));
      if (retried === 0) throw new Problem(409, "nothing_parked", "This is not parked any more.");
      return { retried };
    },
  };
}

/** What can be parked, of all services. */
async function sourcesOf(table: (name: string) => Table): Promise<readonly ParkedSource[]> {
  const opened = await Promise.all(services.map(({ aggregates }) => aggregates?.()));
  return opened.flatMap((open) => open?.(table) ?? []).flatMap(({ parked }) => parked ?? []);
}

/** How many entries are tried again. @throws {Problem} where the rules refuse. */
async function retry(
  sources: readonly ParkedSource[],
  { table, aggregate, id }: RetryRequest,
): Promise<number> {
  let retried = 0;
  try {
    for (const source of sources.filter((one) => one.table === table))
      retried += (await source.retry(aggregate, id)).length;
  } catch (error) {
    throw error instanceof DomainError ? problemOf(error) : error;
  }
  return retried;
}
