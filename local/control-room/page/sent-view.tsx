// One mail, push or message to a webhook: what was sent, what came of it, and how it is sent again.

import { useEffect, useState } from "preact/hooks";
import {
  type CaughtMail,
  SENT_HTML_ROUTE,
  SENT_ONE_ROUTE,
  SENT_ROUTE,
  type SentDetail,
  type SentRetried,
  type SentRetry,
} from "../sent/contract.ts";
import { send } from "./client.ts";
import { clock, dateAndTime, duration, NONE } from "./format.ts";
import { live } from "./live.ts";
import { Failure, Notice, Pairs, Section, Table } from "./parts.tsx";
import { hashOf } from "./route.ts";
import { Outcome } from "./sent-outcome.tsx";
import type { Translate } from "./texts.ts";
import { useRead, useTexts } from "./use-data.ts";

type Notification = NonNullable<SentDetail["notification"]>;
type Webhook = NonNullable<SentDetail["webhook"]>;
type WaitingDelivery = Notification["waiting"][number];

export function SentDetailView({ id }: { readonly id: string }) {
  const t = useTexts();
  const path = (route: string) => route.replace(":id", encodeURIComponent(id));
  const { data, error, again } = useRead<SentDetail>(path(SENT_ONE_ROUTE));
  const [said, setSaid] = useState("");
  const { kind, order_id } = data?.sent ?? {};
  // Another attempt may be about the same.
  useEffect(
    () =>
      live.on("sent", ({ items }) => {
        if (items.some((one) => one.kind === kind && one.order_id === order_id)) again();
      }),
    [kind, order_id],
  );
  const retry = () => {
    const asked: SentRetry = { id: Number(id) };
    send<SentRetried>(SENT_ROUTE, asked)
      .then(
        ({ retried }) => setSaid(t("sent_retried", { count: retried })),
        (failure: Error) => setSaid(failure.message),
      )
      .finally(again);
  };
  return (
    <Section
      title={data === undefined ? t("sent") : t(`sent_kind_${data.sent.kind}`)}
      aside={<Links detail={data} />}
    >
      <Failure error={error} />
      {data === undefined ? null : (
        <>
          <Facts detail={data} />
          <div class="buttons">
            <button type="button" disabled={!data.may_retry} onClick={retry}>
              {t("sent_retry")}
            </button>
          </div>
          <p class="notice" role="status">
            {said}
          </p>
          <Content detail={data} html={path(SENT_HTML_ROUTE)} />
        </>
      )}
    </Section>
  );
}

function Links({ detail }: { readonly detail: SentDetail | undefined }) {
  const t = useTexts();
  return (
    <p class="links">
      <a href={hashOf("sent")}>{t("back")}</a>
      {detail === undefined ? null : (
        <a href={hashOf("traces", { trace: detail.sent.trace_id })}>{t("show_trace")}</a>
      )}
      {detail?.sent.order_id ? (
        <a href={hashOf("orders", { id: detail.sent.order_id })}>{t("sent_order_line")}</a>
      ) : null}
    </p>
  );
}

function Facts({ detail: { sent, bytes } }: { readonly detail: SentDetail }) {
  const t = useTexts();
  return (
    <>
      <p>
        <Outcome one={sent} />
      </p>
      <Pairs
        pairs={[
          [t("time"), dateAndTime(sent.at)],
          [t("sent_user"), sent.user ?? NONE],
          [t("sent_order"), sent.order_id ?? NONE],
          ...(sent.to === null ? [] : [[t("sent_to"), sent.to] as const]),
          [t("sent_attempt"), String(sent.attempt)],
          [t("duration"), duration(sent.duration_ms)],
          ...(bytes === null ? [] : [[t("sent_size"), t("sent_bytes", { count: bytes })] as const]),
        ]}
      />
    </>
  );
}

function Content({ detail, html }: { readonly detail: SentDetail; readonly html: string }) {
  const t = useTexts();
  const { sent, notification, mail, webhook } = detail;
  if (sent.kind === "webhook")
    return webhook === null ? (
      <Notice>{t("sent_webhook_missing")}</Notice>
    ) : (
      <WebhookView webhook={webhook} />
    );
  return (
    <>
      {sent.kind !== "mail" ? null : mail === null ? (
        <Notice>{t("sent_mail_missing")}</Notice>
      ) : (
        <MailView mail={mail} html={html} />
      )}
      {notification === null ? (
        <Notice>{t("sent_notification_missing")}</Notice>
      ) : (
        <NotificationView notification={notification} />
      )}
    </>
  );
}

function MailView({ mail, html }: { readonly mail: CaughtMail; readonly html: string }) {
  const t = useTexts();
  return (
    <>
      <h3>{mail.subject}</h3>
      <Pairs
        pairs={[
          [t("sent_from"), mail.from],
          [t("sent_to"), mail.to],
          [t("sent_copies"), String(mail.copies)],
        ]}
      />
      <div class="sent-mail">
        <div>
          <h4>{t("sent_text")}</h4>
          <pre class="sent-text">{mail.text}</pre>
        </div>
        {mail.has_html ? (
          <div>
            <h4>{t("sent_html")}</h4>
            <iframe class="sent-html" sandbox="" title={t("sent_html")} src={html} />
          </div>
        ) : null}
      </div>
    </>
  );
}

function NotificationView({ notification }: { readonly notification: Notification }) {
  const t = useTexts();
  const { notification_id, event, type, created_at, read, channels, waiting } = notification;
  return (
    <>
      <h3>{t("sent_notification")}</h3>
      <Pairs
        pairs={[
          ["id", notification_id],
          [t("sent_event"), `${event} (${type})`],
          [t("created"), dateAndTime(Date.parse(created_at))],
          [t("sent_read"), t(read ? "sent_yes" : "sent_no")],
          [
            t("sent_channels"),
            Object.entries(channels)
              .map(([channel, state]) => `${channel}: ${state}`)
              .join(", ") || NONE,
          ],
          [t("sent_waiting"), waiting.map((one) => waitingText(one, t)).join("; ") || NONE],
        ]}
      />
    </>
  );
}

function WebhookView({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts();
  const { url, owner, enabled, failures_in_a_row, paused_until, message_id, type, waiting } = webhook;
  return (
    <>
      <h3>{type}</h3>
      <Pairs
        pairs={[
          [t("sent_endpoint"), url],
          [t("sent_owner"), owner ?? t("sent_all_orders")],
          [t("sent_enabled"), t(enabled ? "sent_yes" : "sent_no")],
          [t("sent_failures"), String(failures_in_a_row)],
          [t("sent_paused"), paused_until === null ? NONE : dateAndTime(Date.parse(paused_until))],
          [t("sent_message"), message_id],
          [t("sent_waiting"), waiting === null ? NONE : waitingText(waiting, t)],
        ]}
      />
      <h4>{t("sent_body")}</h4>
      <pre class="sent-text">{webhook.body}</pre>
      <h4>{t("sent_attempts")}</h4>
      <Attempts webhook={webhook} />
    </>
  );
}

function Attempts({ webhook: { attempts } }: { readonly webhook: Webhook }) {
  const t = useTexts();
  return (
    <Table
      label={t("sent_attempts")}
      columns={[t("time"), t("sent_outcome"), `#${t("duration")}`, t("sent_reply")]}
    >
      {attempts.map(({ at, accepted, status, reason, reply, duration_ms }) => (
        <tr key={at}>
          <td>{clock(Date.parse(at))}</td>
          <td class={accepted ? "good" : "bad"}>
            {status ?? t("sent_no_reply", { reason: reason ?? NONE })}
          </td>
          <td class="number">{duration(duration_ms)}</td>
          <td>
            <pre class="sent-reply">{reply || NONE}</pre>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function waitingText({ what, state, attempts, next_at, error }: WaitingDelivery, t: Translate): string {
  const time = clock(Date.parse(next_at)).slice(0, 8);
  const text = t(`sent_is_${state}`, { what, attempts, time });
  return error === null ? text : `${text} (${error})`;
}
