// Ending, pausing and starting the runtimes, and whether callers noticed.

import { useContext, useState } from "preact/hooks";
import type { Action, BackendName } from "../api.ts";
import type { RuntimeView, SystemMap } from "../map-contract.ts";
import { act } from "./client.ts";
import { bytes, duration, NONE, share } from "./format.ts";
import { kindText, Notice, Section, State, Table } from "./parts.tsx";
import type { Translate } from "./texts.ts";
import { MapContext, useTexts } from "./use-data.ts";

type Name = Extract<Action, { readonly runtime: string }>["action"];
const NAMES: readonly Name[] = ["kill", "pause", "slow", "resume", "drain", "restart", "add"];
const BACKENDS: readonly BackendName[] = ["registry", "database"];
const SWITCHES = ["stop", "start"] as const;

export function FaultsPanel() {
  const t = useTexts();
  const map = useContext(MapContext);
  const [said, setSaid] = useState<(t: Translate) => string>();
  if (map === undefined) return <Notice>{t("loading")}</Notice>;
  const ask = (action: Action) => {
    act(action).then(
      ({ pid }) => setSaid(() => (words: Translate) => doneText(words, action, pid)),
      (error: Error) => setSaid(() => () => error.message),
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
    <>
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
                {runtime.slowed ? ` · ${t("slowed")}` : ""}
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
                      onClick={() => ask({ action: name, runtime: runtime.id })}
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
          {said?.(t)}
        </p>
      </Section>
      <Backends map={map} ask={ask} />
    </>
  );
}

/** What has been done. */
function doneText(t: Translate, action: Action, pid: number | null): string {
  if ("backend" in action) return t(`done_${action.action}`, { name: t(action.backend) });
  return t(`done_${action.action}`, { pid: pid ?? "" });
}

interface BackendsProps {
  readonly map: SystemMap;
  readonly ask: (action: Action) => void;
}

function Backends({ map, ask }: BackendsProps) {
  const t = useTexts();
  return (
    <Section title={t("backends")}>
      <p class="muted">{t("backends_intro")}</p>
      <Table
        label={t("backends")}
        columns={[t("name_of"), t("state"), t("actions"), t("kind"), t("address")]}
      >
        {BACKENDS.map((name) => {
          const { kind, state, address } = map[name];
          return (
            <tr key={name}>
              <th scope="row">{t(name)}</th>
              <td>
                <State state={state} />
              </td>
              <td>
                <div class="buttons">
                  {SWITCHES.map((action) => (
                    <button
                      key={action}
                      type="button"
                      class={action === "stop" ? "danger" : ""}
                      disabled={kind !== "embedded" || state === (action === "stop" ? "down" : "ok")}
                      aria-label={t("switch_of", { action: t(`action_${action}`), name: t(name) })}
                      onClick={() => ask({ action, backend: name })}
                    >
                      {t(`action_${action}`)}
                    </button>
                  ))}
                </div>
              </td>
              <td>{kindText(t, kind)}</td>
              <td>{address ?? NONE}</td>
            </tr>
          );
        })}
      </Table>
    </Section>
  );
}

function isPossible(name: Name, { state, slowed }: RuntimeView): boolean {
  if (name === "restart" || name === "add") return true;
  if (name === "pause") return state !== "down" && state !== "paused";
  if (name === "slow") return state !== "down" && !slowed;
  // Elsewhere than on Linux, one that a signal has stopped is only known to be slow.
  if (name === "resume") return state === "paused" || state === "slow" || slowed;
  return state !== "down";
}
