// The sandbox provider's terminal: decides about charges, and when, how often and in which order their callbacks are sent.

import { useEffect, useState } from "preact/hooks";
import type { SandboxAttempt } from "../../../functions/control-room.ts";
import {
  PROVIDER_ROUTE,
  type TerminalRequest,
  type TerminalResult,
  type TerminalView,
} from "../provider/contract.ts";
import { send } from "./client.ts";
import { clock, NONE } from "./format.ts";
import { Choice, Failure, Notice, Section, Table, TextField } from "./parts.tsx";
import { hashOf } from "./route.ts";
import type { Key, Translate } from "./texts.ts";
import { useRead, useTexts } from "./use-data.ts";

const AGAIN_MS = 1_500;
const FORM = "provider-orders";

type RowAction = "approve" | "decline" | "send" | "repeat";
const ROW_ACTIONS: readonly RowAction[] = ["approve", "decline", "send", "repeat"];

export function ProviderPanel() {
  const t = useTexts();
  const { data, error, again } = useRead<TerminalView>(PROVIDER_ROUTE);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const ask = (request: TerminalRequest, text: (result: TerminalResult) => string) => {
    send<TerminalResult>(PROVIDER_ROUTE, request)
      .then(
        (result) => setSaid(text(result)),
        (failure: Error) => setSaid(failure.message),
      )
      .finally(again);
  };
  const askFor = (action: RowAction, { reference, payment_id }: SandboxAttempt) =>
    ask(requestOf(action, reference), () =>
      t("provider_done", { action: t(`provider_${action}`), id: payment_id }),
    );
  const sendHeld = (order: "first" | "last") =>
    ask({ action: "send_held", order }, ({ done }) => t("provider_sent", { count: done }));
  return (
    <Section title={t("provider")}>
      <p class="muted">{t("provider_intro")}</p>
      <Orders sendHeld={sendHeld} />
      <p class="notice" role="status">
        {said}
      </p>
      <Failure error={error} />
      {data === undefined ? (
        error === undefined && <Notice>{t("loading")}</Notice>
      ) : (
        <Attempts attempts={data.attempts} askFor={askFor} />
      )}
    </Section>
  );
}

/** How the next decisions are made; read when a button of a row is pressed. */
function Orders({ sendHeld }: { readonly sendHeld: (order: "first" | "last") => void }) {
  const t = useTexts();
  return (
    <form
      id={FORM}
      class="filters"
      aria-label={t("provider_orders")}
      onSubmit={(event) => event.preventDefault()}
    >
      <TextField
        label={`${t("provider_amount")} (${t("provider_as_asked")})`}
        name="amount"
        value=""
        isNumber
      />
      <TextField
        label={`${t("provider_reported")} (${t("provider_as_captured")})`}
        name="reported"
        value=""
        isNumber
      />
      <Choice
        label={t("provider_callback")}
        name="when"
        value="now"
        options={[
          ["now", t("provider_now")],
          ["after", t("provider_after")],
          ["held", t("provider_hold")],
        ]}
      />
      <TextField label={t("provider_seconds")} name="seconds" value="10" isNumber />
      <div class="field-actions">
        <button type="button" onClick={() => sendHeld("first")}>
          {t("provider_send_first")}
        </button>
        <button type="button" onClick={() => sendHeld("last")}>
          {t("provider_send_last")}
        </button>
      </div>
    </form>
  );
}

/** The amounts that a button's request takes with it. */
const USED_UP: Readonly<Record<RowAction, readonly string[]>> = {
  approve: ["amount", "reported"],
  decline: [],
  send: [],
  repeat: ["reported"],
};

function requestOf(action: RowAction, reference: string): TerminalRequest {
  const form = document.getElementById(FORM);
  const fields = new FormData(form instanceof HTMLFormElement ? form : undefined);
  // Other amounts are meant for one charge.
  for (const name of USED_UP[action]) {
    const field = form?.querySelector<HTMLInputElement>(`[name=${name}]`);
    if (field) field.value = "";
  }
  const text = (name: string) => String(fields.get(name) ?? "").trim();
  const when = text("when");
  const after_s = when === "held" ? null : when === "after" ? Number(text("seconds")) : 0;
  if (action === "send") return { action, reference };
  const given = (name: string) => text(name) || undefined;
  const reported = given("reported");
  if (action === "repeat") return { action, reference, after_s, reported };
  return { action, reference, after_s, amount: given("amount"), reported };
}

interface AttemptsProps {
  readonly attempts: readonly SandboxAttempt[];
  readonly askFor: (action: RowAction, attempt: SandboxAttempt) => void;
}

function Attempts({ attempts, askFor }: AttemptsProps) {
  const t = useTexts();
  if (attempts.length === 0) return <Notice>{t("provider_none")}</Notice>;
  const columns = [
    t("time"),
    t("actions"),
    t("provider_payment"),
    `#${t("provider_amount_asked")}`,
    t("state"),
    t("provider_attempt"),
    t("provider_charge"),
    t("provider_callbacks"),
  ];
  return (
    <Table label={t("provider_attempts")} columns={columns}>
      {attempts.map((attempt) => (
        <tr key={attempt.reference}>
          <td>{clock(Date.parse(attempt.created_at))}</td>
          <td>
            <RowActions attempt={attempt} askFor={askFor} />
          </td>
          <th scope="row">
            <a class="mono" href={hashOf("orders", { kind: "payment", id: attempt.payment_id })}>
              {attempt.payment_id}
            </a>
          </th>
          <td class="number">
            {attempt.amount} {attempt.currency}
          </td>
          <td>{attempt.payment_status}</td>
          <td>{attempt.attempt_status}</td>
          <td>{chargeText(attempt, t)}</td>
          <td>{callbackText(attempt, t)}</td>
        </tr>
      ))}
    </Table>
  );
}

interface RowProps {
  readonly attempt: SandboxAttempt;
  readonly askFor: (action: RowAction, attempt: SandboxAttempt) => void;
}

function RowActions({ attempt, askFor }: RowProps) {
  const t = useTexts();
  return (
    <div class="buttons">
      {ROW_ACTIONS.map((action) => (
        <button
          key={action}
          type="button"
          disabled={!isPossible(action, attempt)}
          aria-label={t("provider_action_of", { action: t(`provider_${action}`), id: attempt.payment_id })}
          onClick={() => askFor(action, attempt)}
        >
          {t(`provider_${action}`)}
        </button>
      ))}
    </div>
  );
}

function isPossible(action: RowAction, { charge, callbacks }: SandboxAttempt): boolean {
  if (action === "send") return callbacks.length > 0;
  const isDecided = charge === "captured" || charge === "failed";
  return action === "repeat" ? isDecided : charge === "open";
}

const CHARGES: Readonly<Record<string, Key>> = {
  open: "provider_charge_open",
  closed: "provider_charge_closed",
  captured: "provider_charge_captured",
  failed: "provider_charge_failed",
};

const chargeText = ({ charge, captured }: SandboxAttempt, t: Translate): string =>
  t(CHARGES[charge] ?? "state_unknown", { amount: captured ?? "" });

function callbackText({ callbacks }: SandboxAttempt, t: Translate): string {
  const texts = callbacks.map(({ state, at, error }) => {
    const text = t(`provider_${state}`, { time: clock(Date.parse(at)).slice(0, 8) });
    return error === null ? text : `${text}: ${error}`;
  });
  return texts.join(", ") || NONE;
}
