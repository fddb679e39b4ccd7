// Nacos' gRPC requests about configurations.

import { ERROR } from "../../../lib/nacos/grpc/error-codes.ts";
import { keyOf } from "../config-params.ts";
import type { ConfigStore } from "../config-store.ts";
import { type Json, jsonParams, objectsField, optionalObjectField } from "../json-params.ts";
import type { Params } from "../params.ts";
import { BadParameter } from "../request-error.ts";
import type { ConfigPushes } from "./config-pushes.ts";
import { failed, succeeded } from "./messages.ts";
import type { Handlers } from "./requests.ts";

const MAX_LISTENED = 3_000;
/** What the embedded registry does not have: to publish it for everybody would be wrong. */
const UNSUPPORTED = ["tag", "betaIps", "encryptedDataKey"];

export function configRequests(store: ConfigStore, pushes: ConfigPushes): Handlers {
  return {
    ConfigQueryRequest: {
      response: "ConfigQueryResponse",
      handle(request) {
        const params = jsonParams(request);
        const tag = params.optional("tag");
        const config = store.get(keyOf(params));
        if (config === undefined || tag !== undefined) {
          const fields = { lastModified: 0, ...(tag !== undefined && { tag }), beta: false };
          return failed(ERROR.CONFIG_NOT_FOUND, "config data not exist", fields);
        }
        const { content, type, md5, modifiedAt } = config;
        return succeeded({
          content,
          encryptedDataKey: "",
          contentType: type,
          md5,
          lastModified: modifiedAt,
          beta: false,
        });
      },
    },

    ConfigPublishRequest: {
      response: "ConfigPublishResponse",
      async handle(request) {
        const params = jsonParams(request);
        const more = jsonParams(optionalObjectField(request, "additionMap"));
        const unsupported = UNSUPPORTED.find((name) => more.optional(name) !== undefined);
        if (unsupported)
          throw new BadParameter(`Param '${unsupported}' is not supported by the embedded registry.`);
        const content = params.required("content");
        await store.publish(keyOf(params), content, more.optional("type"), params.optional("casMd5"));
        return succeeded();
      },
    },

    ConfigRemoveRequest: {
      response: "ConfigRemoveResponse",
      async handle(request) {
        await store.remove(keyOf(jsonParams(request)));
        return succeeded();
      },
    },

    ConfigBatchListenRequest: {
      response: "ConfigChangeBatchListenResponse",
      handle(request, connection) {
        const contexts = objectsField(request, "configListenContexts");
        if (contexts.length > MAX_LISTENED) throw new BadParameter("Too many configListenContexts.");
        const listened = contexts.map((context) => ({
          ...listenedIn(jsonParams(context)),
          named: namesIn(context),
        }));
        if (request["listen"] === false) {
          for (const { key } of listened) pushes.unwatch(key, connection);
          return succeeded({ changedConfigs: [] });
        }
        for (const { key, named } of listened) pushes.watch(key, connection, named);
        const changed = listened.filter(({ key, md5 }) => store.differs(key, md5));
        return succeeded({ changedConfigs: changed.map(({ named }) => named) });
      },
    },
  };
}

const listenedIn = (params: Params) => ({ key: keyOf(params), md5: params.optional("md5") ?? "" });

/** As the client named it, also a namespace that it left out: it finds its listeners by these names. */
const namesIn = ({ group, dataId, tenant }: Json): Json =>
  typeof tenant === "string" ? { group, dataId, tenant } : { group, dataId };
