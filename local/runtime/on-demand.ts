// serverless-offline's emulation, started by the first request for it: hapi and its validation are a tenth of a start, and few
// runs send a request that needs them.

import { once } from "../../lib/core/once.ts";
import { failure } from "../host/invoke.ts";
import type { Answer } from "../shared/listener/http-server.ts";
import { refuse } from "../shared/listener/refuse.ts";
import type { Log } from "../shared/log.ts";
import type { offlineEmulation } from "./offline.ts";

/** Prepares an emulation for a service; see `offlineEmulation` (offline.ts). */
export type Emulate = typeof offlineEmulation;

type Offline = Awaited<ReturnType<ReturnType<Emulate>>>;

export interface OnDemand {
  /** Starts it, unless it is started. Rejects with the reason when that fails, at each call. */
  start(): Promise<Offline>;
  /** Answers a request, when it is started. Where that fails, with a 500. */
  readonly answer: Answer;
  /** Ends it, if it was started. */
  end(): Promise<void>;
}

/** An emulation for which `begin` is called when it is first needed. */
export function onDemand(begin: () => Promise<Offline>, log: Log): OnDemand {
  let started: Promise<Offline> | undefined;
  const start = once(() => {
    started = begin();
    started.catch((error: unknown) =>
      log("error", "serverless-offline does not start", {
        error: error instanceof Error ? error.stack : error,
      }),
    );
    return started;
  });
  return {
    start,
    answer(request, response) {
      start().then(
        (offline) => offline.answer(request, response),
        () => refuse(failure(), request, response),
      );
    },
    async end() {
      await started?.then(
        (offline) => offline.end(),
        () => {},
      );
    },
  };
}
