// A survey that takes no system for broken that starts, or did a moment ago. A part may have come up between two questions: the registry
// may have refused, and the control room then have said that nothing starts any more.

import { type Survey, type SurveyPorts, survey } from "./survey.ts";
import { EXIT, isYoung, verdictOf } from "./verdict.ts";

/**
 * Surveys; where something is down of a system that starts or whose instances are young, once more: what has come up meanwhile then
 * answers, and what still does not is shown as starting if anything said so before.
 */
export async function steadySurvey(ports: SurveyPorts, withinMs?: number): Promise<Survey> {
  const first = await survey(ports, withinMs);
  if (verdictOf(first).exit !== EXIT.down || !(first.starting || isYoung(first))) return first;
  const second = await survey(ports, withinMs);
  const starting = second.starting || (first.starting && verdictOf(second).exit !== EXIT.well);
  return { ...second, starting };
}
