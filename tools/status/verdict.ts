// What a survey means: what is down, and the exit code that says so. Pure.

import { authority } from "../../lib/core/host.ts";
import type { Answering, SeenInstance, Survey } from "./survey.ts";

/** Exit codes of `npm run status`. */
export const EXIT = { well: 0, down: 1, nothing: 2, failed: 3 } as const;

export interface Verdict {
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
  /** What is down, a sentence each. */
  readonly problems: readonly string[];
}

/** Seconds after its start within which an instance may not be registered yet, nor others be there. */
const YOUNG_S = 10;
/** As in `/health/`: a delivery that is later means that sweeps do not run. */
const LATE_S = 180;

/** Why nobody knows whether the promises are kept, a sentence each. */
function unwatched(promises: Survey["promises"]): string[] {
  if (promises === null)
    return [
      "No control room answers that watches the promises: with CONTROL_ROOM_PORT, npm start starts one",
    ];
  return promises.failure === null ? [] : [`The promises can't be checked: ${promises.failure}`];
}

/** The promises that are broken, a sentence each. */
function brokenPromises(promises: NonNullable<Survey["promises"]>): string[] {
  const left = promises.promises.reduce((sum, { violations }) => sum + violations, 0);
  return [
    ...promises.violations.map(
      ({ promise, order_id, sentence }) => `VIOLATION of "${promise}", order ${order_id}: ${sentence}`,
    ),
    ...(left > promises.violations.length ? [`${left - promises.violations.length} more violations`] : []),
  ];
}

/** Whether instances answer that have all been started a moment ago. */
export function isYoung({ services }: Pick<Survey, "services">): boolean {
  const answering = services.flatMap(({ instances }) => instances.filter(answers));
  return answering.length > 0 && answering.every(({ uptime_s }) => (uptime_s ?? 0) <= YOUNG_S);
}

/** Whether the system as a whole starts: a runtime does, and none is there that did so before. */
export const comesUp = (survey: Pick<Survey, "services" | "starting">): boolean =>
  survey.starting && (isYoung(survey) || !anyAnswers(survey));

/** What `part` is, one of a system that may just come up. */
export const partState = ({ failure }: Answering, upcoming: boolean): "ok" | "starting" | "down" =>
  failure === null ? "ok" : upcoming ? "starting" : "down";

const anyAnswers = ({ services }: Pick<Survey, "services">): boolean =>
  services.some(({ instances }) => instances.some(answers));

/**
 * @param asked whether somebody has to watch the promises; one that is broken is a problem in any case.
 * @returns `nothing` when no instance of any service answers (yet, while a runtime starts), `down` when there is a problem.
 */
export function verdictOf(survey: Survey, asked = false): Verdict {
  const { services, registry, database, outbox, promises, starting } = survey;
  if (!anyAnswers(survey)) {
    const why = starting ? "A runtime is starting." : "No service answers. npm start starts them.";
    return { exit: EXIT.nothing, problems: [why] };
  }
  const upcoming = comesUp(survey);
  const problems = [
    ...partProblems("registry", registry, upcoming),
    ...partProblems("database", database, upcoming),
    ...services.flatMap(({ service, instances }) => [
      ...(instances.some(serves)
        ? []
        : [`${service}: ${starting && instances.length === 0 ? "it is starting" : "no instance serves"}`]),
      ...instances.flatMap((one) => problemsOf(one).map((text) => `${service} at ${addressOf(one)} ${text}`)),
    ]),
    ...Object.entries(outbox).flatMap(([service, standing]) => [
      ...(standing !== null && standing.parked > 0
        ? [`${service}: ${standing.parked} parked, see npm run outbox -- list`]
        : []),
      ...(standing !== null && standing.lag_s > LATE_S
        ? [`${service}: deliveries are late by ${standing.lag_s} s`]
        : []),
    ]),
    ...(asked ? unwatched(promises) : []),
    ...(promises === null ? [] : brokenPromises(promises)),
  ];
  return { exit: problems.length > 0 ? EXIT.down : EXIT.well, problems };
}

function partProblems(name: string, part: Answering, upcoming: boolean): string[] {
  const state = partState(part, upcoming);
  if (state === "ok") return [];
  return [state === "starting" ? `The ${name} is starting` : `The ${name} does not answer: ${part.failure}`];
}

export const addressOf = ({ host, port }: SeenInstance): string => authority(host, port);

/** Whether it takes new requests. */
export const serves = ({ state, enabled }: SeenInstance): boolean =>
  (state === "ok" || state === "degraded") && enabled !== false;

const answers = ({ state }: SeenInstance): boolean => state !== "silent" && state !== "replaced";

function problemsOf(instance: SeenInstance): string[] {
  const { state, registered, healthy, uptime_s, trouble } = instance;
  if (state === "silent") return ["does not answer"];
  if (state === "replaced") return ["is gone, and another process answers there"];
  if (state === "draining") return [];
  const missing = registered === false && (uptime_s ?? 0) > YOUNG_S;
  return [
    ...(state === "degraded" ? [`is degraded: ${trouble.join(", ")}`] : []),
    ...(missing ? ["is not registered"] : []),
    ...(healthy === false ? ["is unhealthy in the registry"] : []),
  ];
}
