// The registry's side of the connections over which sidecars send the heartbeats of all their instances in one message.

import type { Duplex } from "node:stream";
import { eachLine } from "../../lib/core/lines.ts";
import { parseJsonObject } from "../../lib/core/tried.ts";
import { BEAT_PROTOCOL, type BeatsAnswer } from "../../lib/discovery/registry/beat-line.ts";
import { switchProtocol, type UpgradeProtocol } from "../shared/listener/upgrade.ts";
import type { CheckAccess } from "./account.ts";
import { type Json, jsonParams, objectsField } from "./json-params.ts";
import { address, v3ServiceId } from "./naming-params.ts";
import { RequestError } from "./request-error.ts";
import type { ServiceTable } from "./service-table.ts";

/**
 * Renews the instances in `table` that a line names, as v3's heartbeats do, if `check` accepts its token, and answers with a line. While a
 * client does not read its answers, nothing more is read from it.
 */
export const beatLines = (table: Pick<ServiceTable, "beat">, check: CheckAccess): UpgradeProtocol => ({
  protocol: BEAT_PROTOCOL,
  take(connection: Duplex, _request, first) {
    switchProtocol(connection, BEAT_PROTOCOL, first);
    connection.on("drain", () => connection.resume());
    // The client is gone.
    connection.on("end", () => connection.destroy());
    eachLine(connection, (text) => {
      const isRead = connection.write(`${JSON.stringify(answer(text, table, check))}\n`);
      if (!isRead) connection.pause();
    });
    return { end: () => connection.end() };
  },
});

function answer(text: string, table: Pick<ServiceTable, "beat">, check: CheckAccess): BeatsAnswer {
  try {
    const message: Json = parseJsonObject(text) ?? {};
    const { accessToken } = message;
    check({ token: typeof accessToken === "string" ? accessToken : undefined });
    const params = objectsField(message, "beats").map((beat) => jsonParams(beat));
    return { known: params.map((each) => table.beat(v3ServiceId(each), address(each)) !== undefined) };
  } catch (cause) {
    if (cause instanceof RequestError) return { refused: cause.message };
    throw cause;
  }
}
