// The live configuration: edited here, checked by the control room as it is typed, published, and seen in effect.

import { useEffect, useState } from "preact/hooks";
import {
  type AppliedConfig,
  CONFIG_ROUTE,
  type ConfigOutcome,
  type ConfigRequest,
  type LiveConfigView,
  type SettingView,
} from "../config/contract.ts";
import { send } from "./client.ts";
import { NONE } from "./format.ts";
import { Failure, Notice, Section, Table } from "./parts.tsx";
import type { Key, Translate } from "./texts.ts";
import { useRead, useTexts } from "./use-data.ts";

const CHECK_AFTER_MS = 200;
const EMPTY = "{\n}\n";
const PLACEHOLDER = '{ "page_size_default": 20 }';

export function ConfigPanel() {
  const t = useTexts();
  const { data, error, again } = useRead<LiveConfigView>(CONFIG_ROUTE);
  return (
    <>
      <Section title={t("config")}>
        <p class="muted">{t("config_intro")}</p>
        <Failure error={error} />
        {data === undefined ? (
          error === undefined && <Notice>{t("loading")}</Notice>
        ) : (
          <Editor view={data} again={again} />
        )}
      </Section>
      {data === undefined ? null : (
        <>
          <Instances instances={data.instances} md5={data.document.md5} />
          <Settings settings={data.settings} />
        </>
      )}
    </>
  );
}

interface EditorProps {
  readonly view: LiveConfigView;
  readonly again: () => void;
}

function Editor({ view: { document }, again }: EditorProps) {
  const t = useTexts();
  const [text, setText] = useState(document.content ?? EMPTY);
  const [said, setSaid] = useState("");
  const checked = useCheck(text);
  const { registry, namespace, group, data_id } = document;
  const isSame = text === (document.content ?? EMPTY);
  const publish = (content: string | null) => {
    ask({ content, dry_run: false, replaces: document.md5 }).then(
      (outcome) => {
        setSaid(resultOf(outcome, content, t));
        again();
      },
      (failure: Error) => setSaid(failure.message),
    );
  };
  return (
    <form
      aria-label={t("config_document")}
      onSubmit={(event) => {
        event.preventDefault();
        publish(text);
      }}
    >
      <p class="muted">
        {t("config_where")}: <span class="mono">{[registry, namespace, group, data_id].join(" / ")}</span>
        {document.content === null ? ` (${t("config_unknown_name")})` : ""}
      </p>
      <textarea
        class="mono editor"
        aria-label={t("config_document")}
        aria-describedby="config-check"
        aria-invalid={checked !== undefined && checked.problems.length > 0}
        rows={12}
        spellcheck={false}
        placeholder={PLACEHOLDER}
        value={text}
        onInput={({ currentTarget: { value } }) => setText(value)}
      />
      <p id="config-check" class={checked?.problems.length ? "notice failure" : "notice"} role="status">
        {checkText(checked, t)}
      </p>
      <div class="buttons">
        <button
          type="submit"
          class="primary"
          disabled={checked === undefined || checked.problems.length > 0 || isSame}
        >
          {t("config_publish")}
        </button>
        <button type="button" disabled={isSame} onClick={() => setText(document.content ?? EMPTY)}>
          {t("config_reset")}
        </button>
        <button
          type="button"
          class="danger"
          disabled={document.content === null}
          onClick={() => {
            publish(null);
            setText(EMPTY);
          }}
        >
          {t("config_remove")}
        </button>
      </div>
      <p class="notice" role="status">
        {said}
      </p>
    </form>
  );
}

const ask = (request: ConfigRequest): Promise<ConfigOutcome> => send<ConfigOutcome>(CONFIG_ROUTE, request);

/** What the control room says of `text`, a moment after it was typed; undefined until then. */
function useCheck(text: string): ConfigOutcome | undefined {
  const [checked, setChecked] = useState<{ text: string; outcome: ConfigOutcome }>();
  useEffect(() => {
    let isOver = false;
    const timer = setTimeout(() => {
      ask({ content: text, dry_run: true, replaces: null }).then(
        (outcome) => isOver || setChecked({ text, outcome }),
        () => {},
      );
    }, CHECK_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [text]);
  return checked?.text === text ? checked.outcome : undefined;
}

function checkText(checked: ConfigOutcome | undefined, t: Translate): string {
  if (checked === undefined) return t("loading");
  if (checked.problems.length > 0) return t("config_refused", { problems: checked.problems.join("; ") });
  if (checked.changes.length === 0) return t("config_same");
  return t("config_valid", { changes: checked.changes.join(", ") });
}

function resultOf({ problems, applied }: ConfigOutcome, content: string | null, t: Translate): string {
  if (problems.length > 0) return t("config_refused", { problems: problems.join("; ") });
  const times = applied.map(({ pid, ms }) =>
    ms === null ? t("config_late", { pid }) : t("config_time", { pid, ms }),
  );
  return t(content === null ? "config_removed" : "config_published", { times: times.join(", ") || NONE });
}

interface InstancesProps {
  readonly instances: readonly AppliedConfig[];
  readonly md5: string | null;
}

const SOURCES: Readonly<Record<string, Key>> = {
  nacos: "config_source_nacos",
  kept: "config_source_kept",
  environment: "config_source_environment",
};

function Instances({ instances, md5 }: InstancesProps) {
  const t = useTexts();
  const standing = (one: AppliedConfig) => {
    if (one.refused) return <span class="bad">{t("config_is_refused")}</span>;
    return one.md5 === md5 ? t("config_is_current") : <span class="bad">{t("config_is_other")}</span>;
  };
  const columns = [t("process"), t("services"), t("config_source"), t("state"), "MD5"];
  return (
    <Section title={t("config_in_effect")}>
      <Table label={t("config_in_effect")} columns={columns}>
        {instances.map((one) => (
          <tr key={one.runtime}>
            <th scope="row">{one.pid}</th>
            <td>{one.services.join(", ")}</td>
            <td>{t(SOURCES[one.source ?? ""] ?? "state_unknown")}</td>
            <td>{standing(one)}</td>
            <td class="mono">{one.md5 ?? NONE}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function Settings({ settings }: { readonly settings: readonly SettingView[] }) {
  const t = useTexts();
  const columns = [t("config_setting"), `#${t("config_environment")}`, `#${t("config_published_value")}`];
  return (
    <Section title={t("config_settings")}>
      <Table label={t("config_settings")} columns={columns}>
        {settings.map(({ name, environment, document }) => (
          <tr key={name}>
            <th scope="row" class="mono">
              {name}
            </th>
            <td class="number">{environment}</td>
            <td class="number">{document ?? NONE}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
