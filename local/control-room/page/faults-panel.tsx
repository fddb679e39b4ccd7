// Ending, pausing and starting the runtimes, and whether callers noticed.

import { useContext, useState } from "preact/hooks";
import type { Action, RuntimeView } from "../api.ts";
import { act } from "./client.ts";
import { bytes, duration, share } from "./format.ts";
import { Notice, Section, State, Table } from "./parts.tsx";
import { MapContext, useTexts } from "./use-data.ts";

type Name = Action["action"];
const NAMES: readonly Name[] = ["kill", "pause", "resume", "drain", "restart"];

export function FaultsPanel() {
  const t = useTexts();
  const map = useContext(MapContext);
  const [said, setSaid] = useState<string>("");
  if (map === undefined) return <Notice>{t("loading")}</Notice>;
  const ask = (action: Name, runtime: string) => {
    act({ action, runtime }).then(
      ({ detail }) => setSaid(detail),
      (error: Error) => setSaid(error.message),
    );
  };
  const failed = map.failed_last_minute;
  const columns = [
    t("process"),
    t("state"),
    t("actions"),
    t("services"),
    `#${t("memory")}`,
    `#${t("cpu")}`,
    `#${t("loop_delay")}`,
  ];
  return (
    <Section title={t("runtimes")}>
      <p class="muted">{t("faults_intro")}</p>
      <ul class="summary">
        <li>
          <span class="label">{t("failed_calls")}</span>
          <strong class={failed > 0 ? "bad" : ""}>{failed}</strong>
        </li>
      </ul>
      <Table label={t("runtimes")} columns={columns}>
        {map.runtimes.map((runtime) => (
          <tr key={runtime.id}>
            <th scope="row">{runtime.pid}</th>
            <td>
              <State state={runtime.state} />
            </td>
            <td>
              <div class="buttons">
                {NAMES.map((name) => (
                  <button
                    key={name}
                    type="button"
                    class={name === "kill" ? "danger" : ""}
                    disabled={!isPossible(name, runtime)}
                    aria-label={t("action_of", { action: t(`action_${name}`), pid: runtime.pid })}
                    onClick={() => ask(name, runtime.id)}
                  >
                    {t(`action_${name}`)}
                  </button>
                ))}
              </div>
            </td>
            <td>{runtime.services.join(", ")}</td>
            <td class="number">{bytes(runtime.memory_bytes)}</td>
            <td class="number">{share(runtime.cpu)}</td>
            <td class="number">{duration(runtime.event_loop_p99_ms)}</td>
          </tr>
        ))}
      </Table>
      <p class="notice" role="status">
        {said}
      </p>
    </Section>
  );
}

function isPossible(name: Name, { state }: RuntimeView): boolean {
  if (name === "restart") return true;
  if (name === "pause") return state !== "down" && state !== "paused";
  if (name === "resume") return state === "paused";
  return state !== "down";
}
