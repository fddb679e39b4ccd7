// The page: its head with the panels, and the panel that the address names.

import { useEffect, useState } from "preact/hooks";
import { ROUTES, type Session } from "../api.ts";
import type { SystemMap } from "../map-contract.ts";
import { Boundary } from "./boundary.tsx";
import { forgetSession, read, readSession } from "./client.ts";
import { ConfigPanel } from "./config-panel.tsx";
import { FaultsPanel } from "./faults-panel.tsx";
import { live } from "./live.ts";
import { LogsPanel } from "./logs-panel.tsx";
import { MapPanel } from "./map-panel.tsx";
import { MetricsPanel } from "./metrics-panel.tsx";
import { OrdersPanel } from "./orders-panel.tsx";
import { OutboxPanel } from "./outbox-panel.tsx";
import { PromisesPanel } from "./promises-panel.tsx";
import { ProviderPanel } from "./provider-panel.tsx";
import { hashOf, PANELS, type Panel, routeOf } from "./route.ts";
import { SentPanel } from "./sent-panel.tsx";
import { Settings, THEMES, type Theme } from "./settings.tsx";
import { keep, kept } from "./storage.ts";
import { LOCALES, type Locale, localeOf } from "./texts.ts";
import { TracesPanel } from "./traces-panel.tsx";
import { LocaleContext, MapContext, useTexts } from "./use-data.ts";
import { Verdict } from "./verdict.tsx";

type Go = (query: Readonly<Record<string, string>>) => void;

export function App() {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  const [locale, setLocale] = useState<Locale>(
    () => LOCALES.find((each) => each === kept("locale")) ?? localeOf(navigator.languages),
  );
  const [map, setMap] = useState<SystemMap>();
  useEffect(() => {
    const follow = () => setRoute(routeOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    const readMap = () => void read<SystemMap>(ROUTES.map).then(setMap, () => {});
    readMap();
    const ends = [live.on("map", setMap), live.on("reset", readMap)];
    live.open();
    return () => {
      for (const end of ends) end();
    };
  }, []);
  useEffect(() => {
    document.documentElement.lang = locale === "zh" ? "zh-CN" : "en";
    keep("locale", locale);
  }, [locale]);
  const go: Go = (query) => {
    location.hash = hashOf(route.panel, query);
  };
  return (
    <LocaleContext.Provider value={locale}>
      <MapContext.Provider value={map}>
        <Head panel={route.panel} map={map} locale={locale} setLocale={setLocale} />
        <main id="content" tabIndex={-1}>
          <Boundary of={hashOf(route.panel, route.query)}>
            <PanelOf panel={route.panel} query={route.query} go={go} />
          </Boundary>
        </main>
      </MapContext.Provider>
    </LocaleContext.Provider>
  );
}

interface PanelProps {
  readonly panel: Panel;
  readonly query: Readonly<Record<string, string>>;
  readonly go: Go;
}

function PanelOf({ panel, query, go }: PanelProps) {
  if (panel === "promises") return <PromisesPanel />;
  if (panel === "orders") return <OrdersPanel query={query} go={go} />;
  if (panel === "traces") return <TracesPanel query={query} go={go} />;
  if (panel === "logs") return <LogsPanel query={query} go={go} />;
  if (panel === "faults") return <FaultsPanel />;
  if (panel === "outbox") return <OutboxPanel />;
  if (panel === "sent") return <SentPanel query={query} go={go} />;
  if (panel === "provider") return <ProviderPanel />;
  if (panel === "config") return <ConfigPanel />;
  if (panel === "metrics") return <MetricsPanel query={query} go={go} />;
  return <MapPanel />;
}

interface HeadProps {
  readonly panel: Panel;
  readonly map: SystemMap | undefined;
  readonly locale: Locale;
  readonly setLocale: (locale: Locale) => void;
}

function Head({ panel, map, locale, setLocale }: HeadProps) {
  const t = useTexts();
  const [session, setSession] = useState<Session>();
  const [connection, setConnection] = useState(live.state);
  const [theme, setTheme] = useState<Theme>(() => THEMES.find((each) => each === kept("theme")) ?? "system");
  useEffect(() => live.watch(setConnection), []);
  // Another helper has another session, and another runtime may have a gateway.
  const runtimes = map?.runtimes.map(({ id, state }) => `${id} ${state}`).join("\n");
  useEffect(() => {
    forgetSession();
    const take = (now: Session) =>
      // Links stay while what they lead to is restarted.
      setSession((before) => ({ ...now, gateway_url: now.gateway_url ?? before?.gateway_url ?? null }));
    void readSession().then(take, () => {});
  }, [connection, runtimes]);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    keep("theme", theme);
  }, [theme]);
  useEffect(() => {
    document.title = `${t(panel)} · ${t("title")}`;
  }, [panel, t]);
  return (
    <header>
      <button type="button" class="skip" onClick={focusContent}>
        {t("skip")}
      </button>
      <div class="head-row">
        <h1>CFMP-Order</h1>
        <span class={`connection connection-${connection}`} role="status">
          <span class="dot" aria-hidden="true" />
          {t(connection)}
        </span>
        <Verdict map={map} />
        <Settings locale={locale} setLocale={setLocale} theme={theme} setTheme={setTheme} />
      </div>
      <nav aria-label={t("panels")}>
        <ul>
          {PANELS.map((each) => (
            <li key={each}>
              <a href={hashOf(each)} aria-current={each === panel ? "page" : undefined}>
                {t(each)}
              </a>
            </li>
          ))}
          {session?.gateway_url ? <Out href={`${session.gateway_url}/docs/`} text={t("api")} /> : null}
          {session?.mail_url ? <Out href={session.mail_url} text={t("mail")} /> : null}
        </ul>
      </nav>
    </header>
  );
}

function Out({ href, text }: { readonly href: string; readonly text: string }) {
  return (
    <li>
      <a href={href} target="_blank" rel="noreferrer">
        {text} ↗
      </a>
    </li>
  );
}

/** The address behind `#` is the panel's, so this is no link. */
function focusContent(): void {
  document.getElementById("content")?.focus();
}
