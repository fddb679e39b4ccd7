// What goes wrong, and when: a seeded script for a fleet that spares one settled instance of each service.

import { setTimeout as sleep } from "node:timers/promises";
import { type Fleet, isSettled, type Member } from "./fleet.ts";

const KINDS = [
  "kill",
  "kill",
  "kill with sidecar",
  "pause",
  "pause",
  "restart",
  "kill sidecar",
  "kill sidecar",
  "pause sidecar",
  "kill registry",
] as const;
export type Fault = (typeof KINDS)[number];

const NEXT_MS = { least: 500, most: 2_000 };
const PAUSE_MS = { least: 1_500, most: 5_000 };
/** The database is in the same process; its restart has to be over before the next. */
const REGISTRY_EVERY_MS = 12_000;
/** A killed instance is started again after this long at most. */
const AWAY_MS = 2_000;

export interface FaultOptions {
  readonly fleet: Fleet;
  readonly seconds: number;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

/** Commits faults for `seconds`, and resolves with their counts when all is started and goes on again. */
export async function commitFaults({
  fleet,
  seconds,
  random,
  say,
}: FaultOptions): Promise<Map<Fault, number>> {
  const counts = new Map<Fault, number>();
  const mending: Promise<void>[] = [];
  const begun = performance.now();
  let registryKilledAt = Number.NEGATIVE_INFINITY;
  const between = ({ least, most }: { least: number; most: number }) => least + random() * (most - least);

  async function commit(kind: Fault): Promise<string | undefined> {
    if (kind === "kill registry") {
      if (performance.now() - registryKilledAt < REGISTRY_EVERY_MS || !(await fleet.killHelper()))
        return undefined;
      registryKilledAt = performance.now();
      return "with the database";
    }
    const members = fleet.members.filter((member) => mayHurt(fleet, member, kind));
    const member = members[Math.floor(random() * members.length)];
    if (member === undefined) return undefined;
    const pause = between(PAUSE_MS);
    const away = random() * AWAY_MS;
    const mended = hurt(fleet, member, kind, { pause, away });
    // Thrown at the end: until then all else goes on.
    mended.catch(() => {});
    mending.push(mended);
    return `${member.name}${kind.startsWith("pause") ? ` for ${(pause / 1_000).toFixed(1)} s` : ""}`;
  }

  while (performance.now() - begun < seconds * 1_000) {
    const kind = KINDS[Math.floor(random() * KINDS.length)] ?? "kill";
    const what = await commit(kind);
    if (what !== undefined) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const at = ((performance.now() - begun) / 1_000).toFixed(1).padStart(6);
      say(`${at} s  ${new Date().toISOString().slice(11, 23)}  ${kind} ${what}`);
    }
    await sleep(between(NEXT_MS));
  }
  await Promise.all(mending);
  return counts;
}

/** Each service keeps a settled instance; faults hit a sidecar only while its runtime is healthy. */
function mayHurt(fleet: Fleet, member: Member, kind: Fault): boolean {
  if (!isSettled(member)) return false;
  return kind === "kill sidecar" || fleet.others(member).some(isSettled);
}

/** Does it, and resolves when it is mended. */
async function hurt(
  fleet: Fleet,
  member: Member,
  kind: Fault,
  { pause, away }: { readonly pause: number; readonly away: number },
): Promise<void> {
  if (kind === "kill" || kind === "kill with sidecar") {
    fleet.kill(member, kind === "kill with sidecar");
    await sleep(away);
    await fleet.restart(member);
  } else if (kind === "restart") {
    await fleet.drain(member);
    await fleet.restart(member);
  } else if (kind === "pause") {
    await fleet.pause(member, pause);
  } else if (kind === "kill sidecar") {
    fleet.killSidecar(member);
  } else {
    await fleet.pauseSidecar(member, pause);
  }
}
