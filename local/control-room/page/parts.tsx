// Small parts that all panels use.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { NodeState } from "./map-layout.ts";
import type { Translate } from "./texts.ts";
import { useTexts } from "./use-data.ts";

/** A state as a coloured mark and a word: colour alone says nothing to some readers. */
export function State({ state }: { readonly state: NodeState }) {
  const t = useTexts();
  return (
    <span class={`state state-${state}`}>
      <span class="dot" aria-hidden="true" />
      {t(`state_${state}`)}
    </span>
  );
}

const KINDS = { embedded: "kind_embedded", static: "kind_static", none: "kind_none" } as const;

/** What kind of registry or database it is; a product has the same name in each language. */
export function kindText(t: Translate, kind: string): string {
  const key = Object.entries(KINDS).find(([name]) => name === kind)?.[1];
  return key === undefined ? kind : t(key);
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, aside, children }: SectionProps) {
  return (
    <div class="panel">
      <div class="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </div>
  );
}

interface TableProps {
  readonly label: string;
  /** Those that begin with `#` hold numbers. */
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}

/** A table that scrolls sideways where the page is narrow. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      <table>
        <Columns columns={columns} />
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** The head of a table. */
export function Columns({ columns }: Pick<TableProps, "columns">) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col" class={column.startsWith("#") ? "number" : ""}>
            {column.replace(/^#/, "")}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface DetailProps {
  readonly label: string;
  /** What is shown: another one is brought into view again. */
  readonly of: string | number;
  /** Where the list is long: by keyboard what is below it would be reached only behind all of its rows. */
  readonly takesFocus?: boolean;
  readonly children: ComponentChildren;
}

/** What was chosen from a list, below it: the list may fill the page, so the reader is taken there, and back when it is closed. */
export function Detail({ label, of, takesFocus = false, children }: DetailProps) {
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    box?.scrollIntoView({ block: "nearest" });
    if (!takesFocus) return;
    const before = document.activeElement;
    box?.focus({ preventScroll: true });
    return () => {
      const isInside = box?.contains(document.activeElement) ?? false;
      if (isInside && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [of]);
  return (
    <aside class="detail" aria-label={label} ref={ref} tabIndex={-1}>
      {children}
    </aside>
  );
}

export function Notice({ children }: { readonly children: ComponentChildren }) {
  return <p class="notice">{children}</p>;
}

/** Why something could not be read. */
export function Failure({ error }: { readonly error: string | undefined }) {
  const t = useTexts();
  return error === undefined ? null : (
    <p class="notice failure" role="alert">
      {t("failed", { detail: error })}
    </p>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly isNumber?: boolean;
}

export function TextField({ label, name, value, isNumber = false }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        name={name}
        type="text"
        inputMode={isNumber ? "decimal" : "text"}
        defaultValue={value}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function Choice({ label, name, value, options }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name}>
        {options.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FilterProps {
  readonly label: string;
  readonly onFilter: (query: Readonly<Record<string, string>>) => void;
  readonly children: ComponentChildren;
}

/** A form whose fields become the filters in the page's address. */
export function FilterForm({ label, onFilter, children }: FilterProps) {
  const t = useTexts();
  return (
    <form
      class="filters"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const fields = [...new FormData(event.currentTarget)];
        onFilter(Object.fromEntries(fields.map(([name, value]) => [name, String(value).trim()])));
      }}
    >
      {children}
      <div class="field-actions">
        <button type="submit" class="primary">
          {t("find")}
        </button>
        <button type="button" onClick={() => onFilter({})}>
          {t("clear")}
        </button>
      </div>
    </form>
  );
}

/** Name and value pairs. */
export function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
