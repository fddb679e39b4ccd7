// Nacos' v1 config API: publish, get, delete, and the listener that long-polls. Shapes as Nacos 3.1.0 answers them.

import { type ApiReply, json } from "./api-reply.ts";
import { foundConfigs, wholeConfig } from "./config-console.ts";
import { casMd5Of, keyOf, tenantOf } from "./config-params.ts";
import type { ConfigStore } from "./config-store.ts";
import type { ConfigWaiters } from "./config-waiters.ts";
import type { ApiRequest, Routes } from "./http-edge.ts";
import { checkedName } from "./params.ts";
import { BadParameter, RequestError } from "./request-error.ts";
import type { ConfigKey, StoredConfig } from "./stored-config.ts";

const FIELD = "\u0002";
const RECORD = "\u0001";
const MAX_LISTENED = 3_000;
const MAX_WAIT_MS = 60_000;
/** Answers this much before the client gives up, so that the reply still reaches it. */
const MARGIN_MS = 500;

const TRUE = json(true);
/** As Nacos answers when the content is no longer the one that the client wanted to replace. */
const CONFLICT: ApiReply = { ...json(false), status: 500 };

export function configRoutes(store: ConfigStore, waiters: ConfigWaiters): Routes {
  return {
    "GET /v1/cs/configs": ({ params }) => {
      const search = params.optional("search");
      if (search === "blur" || search === "accurate")
        return json(foundConfigs(store, params, search === "blur"));
      const config = store.get(keyOf(params));
      // Nacos' console takes an empty reply for "there is none".
      if (config === undefined && params.optional("show") === "all") return { body: "" };
      if (config === undefined) throw new RequestError(404, "config_not_found", "config data not exist");
      return params.optional("show") === "all" ? json(wholeConfig(config)) : content(config);
    },

    "POST /v1/cs/configs": async ({ params, headers }) => {
      const key = keyOf(params);
      const text = params.required("content");
      const stored = await store
        .publish(key, text, params.optional("type"), casMd5Of(headers))
        .then(() => true, isConflict);
      return stored ? TRUE : CONFLICT;
    },

    "DELETE /v1/cs/configs": async ({ params }) => {
      await store.remove(keyOf(params));
      return TRUE;
    },

    "POST /v1/cs/configs/listener": async (request) => {
      const listened = parseListened(request.params.required("Listening-Configs"));
      const changed = listened.filter(({ key, md5 }) => store.differs(key, md5));
      const wait = waitOf(request);
      if (changed.length > 0 || wait === 0) return changes(listened, changed);
      const keys = await waiters.wait(
        listened.map(({ key }) => key),
        wait,
        request.onClose,
      );
      return changes(
        listened,
        listened.filter(({ key }) => keys.some((each) => sameKey(each, key))),
      );
    },
  };
}

/** @throws whatever is no conflict. */
function isConflict(cause: unknown): false {
  if (cause instanceof RequestError && cause.code === "config_cas_failed") return false;
  throw cause;
}

function content(config: StoredConfig): ApiReply {
  return {
    headers: {
      "config-type": config.type,
      "content-md5": config.md5,
      "last-modified": new Date(config.modifiedAt).toUTCString(),
    },
    body: config.content,
  };
}

interface Listened {
  readonly key: ConfigKey;
  /** Empty when the client knows of no content. */
  readonly md5: string;
  /** As the client named it: the reply must name it alike. */
  readonly given: string;
}

function parseListened(text: string): Listened[] {
  const records = text.split(RECORD).filter((record) => record !== "");
  if (records.length > MAX_LISTENED) throw new BadParameter("Too many Listening-Configs.");
  return records.map((record) => {
    const [dataId, group, md5, tenant] = record.split(FIELD);
    if (!dataId || !group || md5 === undefined) throw new BadParameter("caused: invalid probeModify;");
    return {
      key: {
        tenant: tenantOf(tenant),
        group: checkedName("group", group),
        dataId: checkedName("dataId", dataId),
      },
      md5: md5 === "null" ? "" : md5,
      given: [dataId, group, ...(tenant ? [tenant] : [])].join(FIELD),
    };
  });
}

/** Milliseconds to hold the reply; 0 when the client does not want to wait. */
function waitOf({ headers }: ApiRequest): number {
  const header = headers["long-pulling-timeout"];
  if (header === undefined || headers["long-pulling-timeout-no-hangup"] === "true") return 0;
  const wanted = Number(header);
  if (!Number.isFinite(wanted) || wanted < 0)
    throw new BadParameter("Long-Pulling-Timeout must be milliseconds.");
  return Math.min(wanted, MAX_WAIT_MS) - Math.min(MARGIN_MS, wanted / 2);
}

function changes(listened: readonly Listened[], changed: readonly Listened[]): ApiReply {
  const records = listened.filter((each) => changed.includes(each)).map(({ given }) => given + RECORD);
  return { body: encodeURIComponent(records.join("")) };
}

const sameKey = (one: ConfigKey, other: ConfigKey): boolean =>
  one.tenant === other.tenant && one.group === other.group && one.dataId === other.dataId;
