// Whether all is well, in a line: what is down, and promises that are broken.

import { ROUTES } from "../api.ts";
import type { SystemMap } from "../map-contract.ts";
import { hashOf } from "./route.ts";
import { useLatest, useTexts } from "./use-data.ts";

export function Verdict({ map }: { readonly map: SystemMap | undefined }) {
  const t = useTexts();
  const { data } = useLatest("promises", ROUTES.promises);
  if (map === undefined) return null;
  const violations = data?.promises.reduce((sum, each) => sum + each.violations, 0) ?? 0;
  const names = brokenParts(map, { registry: t("registry"), database: t("database") });
  const isEmpty = map.runtimes.length === 0;
  return (
    <span class="verdicts">
      {map.starting ? <span class="verdict">{t("runtime_starts")}</span> : null}
      {isEmpty && !map.starting ? <span class="verdict">{t("no_runtime")}</span> : null}
      {names.length === 0 ? null : (
        <span class="verdict bad">{t("not_well", { names: names.join(", ") })}</span>
      )}
      {violations === 0 ? null : (
        <a class="verdict bad" href={hashOf("promises")}>
          {t("promises_broken", { count: violations })}
        </a>
      )}
      {isEmpty || map.starting || names.length > 0 || violations > 0 ? null : (
        <span class="verdict good">{t("all_well")}</span>
      )}
    </span>
  );
}

/** What is down or paused, by its name. */
function brokenParts(map: SystemMap, names: Readonly<Record<"registry" | "database", string>>): string[] {
  return [
    ...map.nodes.filter(({ state }) => state === "down" || state === "paused").map(({ name }) => name),
    ...(["registry", "database"] as const)
      .filter((name) => map[name].state === "down")
      .map((name) => names[name]),
  ];
}
