// What was sent: listed from the history, opened where it is kept (mail catcher, notifications, log of webhooks), and sent again.

import * as z from "zod";
import { type ServiceDefinition, services } from "../../../functions/services.ts";
import type { Config } from "../../../lib/config/env.ts";
import { DomainError } from "../../../lib/core/domain-error.ts";
import { Problem, problemOf } from "../../../lib/http/problem.ts";
import type { Runtimes } from "../runtimes.ts";
import { type FilterNames, filtersOf } from "../sql-filter.ts";
import { atDatabase } from "../system-database.ts";
import { systemSettings } from "../system-settings.ts";
import { caughtMail } from "./caught-mail.ts";
import type { SentDetail, SentPage, SentQuery, SentRetried } from "./contract.ts";
import type { SentKeys, SentRecords } from "./sent-records.ts";

export interface SentPorts {
  readonly records: SentRecords;
  readonly runtimes: Pick<Runtimes, "all">;
  /** Where the mail catcher is; null: there is none. */
  readonly mailUrl: () => string | null;
  /** By default what its runtimes report. @throws {Problem} while they are not known. */
  readonly settings?: () => Config;
}

type Opened = Awaited<ReturnType<NonNullable<ServiceDefinition["sent"]>>>;
type SentMessages = ReturnType<Opened>;
type Wanted = NonNullable<ReturnType<SentRecords["read"]>>;

const FILTERS: FilterNames<SentQuery> = {
  kind: "once",
  user: "once",
  order: "once",
  outcome: "once",
  limit: "once",
  cursor: "once",
};

const retryRequest = z.object({ id: z.number() });

export function sentRoutes({
  records,
  runtimes,
  mailUrl,
  settings = () => systemSettings(runtimes),
}: SentPorts) {
  function wanted(id: number | string): Wanted {
    return records.read(Number(id)) ?? notKnown("This mail, push or message");
  }

  const atMessages = <T>(work: (messages: SentMessages) => Promise<T>): Promise<T> =>
    atDatabase(settings(), async (database) => {
      const open = await services.find(({ sent }) => sent !== undefined)?.sent?.();
      if (open === undefined) throw new Problem(404, "nothing_sent", "No service sends anything.");
      try {
        return await work(open(database, Date.now));
      } catch (error) {
        throw error instanceof DomainError ? problemOf(error) : error;
      }
    });

  return {
    list: async (query: URLSearchParams): Promise<SentPage> => records.find(filtersOf(query, FILTERS)),
    async one(id: string): Promise<SentDetail> {
      const { view, keys } = wanted(id);
      const caught = view.kind === "mail" ? caughtMail(mailUrl(), keys.notification ?? "") : undefined;
      const [stored, mail] = await Promise.all([atMessages((messages) => storedOf(messages, keys)), caught]);
      const { html: _, ...shown } = mail ?? { html: null };
      return {
        sent: view,
        bytes: keys.bytes,
        ...stored,
        mail: "subject" in shown ? shown : null,
        may_retry:
          stored.webhook?.may_retry ??
          stored.notification?.waiting.some(({ state }) => state === "parked") ??
          false,
      };
    },
    async html(id: string): Promise<string> {
      const { keys } = wanted(id);
      const mail = await caughtMail(mailUrl(), keys.notification ?? "");
      return mail?.html ?? notKnown("The HTML of this mail");
    },
    async command(asked: unknown): Promise<SentRetried> {
      const { data } = retryRequest.safeParse(asked, { jitless: true });
      if (data === undefined) throw new Problem(400, "malformed", "Send the id of what is to be sent again.");
      const { keys } = wanted(data.id);
      const retried = await atMessages((messages) => retry(messages, keys));
      if (retried === 0)
        throw new Problem(409, "nothing_parked", "It was delivered, or is tried again without this.");
      return { retried };
    },
  };
}

const notKnown = (what: string): never => {
  throw new Problem(404, "not_found", `${what} is not known here.`);
};

async function storedOf(
  messages: SentMessages,
  { notification, webhook, message }: SentKeys,
): Promise<Pick<SentDetail, "notification" | "webhook">> {
  return {
    notification: notification === null ? null : ((await messages.notification(notification)) ?? null),
    webhook:
      webhook === null || message === null ? null : ((await messages.webhook(webhook, message)) ?? null),
  };
}

async function retry(messages: SentMessages, { notification, webhook, message }: SentKeys): Promise<number> {
  if (notification !== null) return await messages.retryNotification(notification);
  if (webhook === null || message === null) return 0;
  await messages.retryWebhook(webhook, message);
  return 1;
}
