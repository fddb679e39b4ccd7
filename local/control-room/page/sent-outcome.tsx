// What came of something that was sent, as a coloured mark and words.

import type { SentView } from "../sent/contract.ts";
import type { Translate } from "./texts.ts";
import { useTexts } from "./use-data.ts";

const STATES = { accepted: "ok", failed: "down", gone: "degraded" } as const;

export function Outcome({ one }: { readonly one: SentView }) {
  const t = useTexts();
  return (
    <span class={`state state-${STATES[one.outcome]}`}>
      <span class="dot" aria-hidden="true" />
      {outcomeText(one, t)}
    </span>
  );
}

function outcomeText({ outcome, status, error }: SentView, t: Translate): string {
  const why = status ?? (outcome === "failed" ? error : null);
  return why === null ? t(`sent_${outcome}`) : `${t(`sent_${outcome}`)} · ${why}`;
}
