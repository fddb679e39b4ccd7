// Language and colours.

import type { Locale } from "./texts.ts";
import { useTexts } from "./use-data.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

interface SettingsProps {
  readonly locale: Locale;
  readonly setLocale: (locale: Locale) => void;
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
}

export function Settings({ locale, setLocale, theme, setTheme }: SettingsProps) {
  const t = useTexts();
  return (
    <div class="settings">
      <select
        aria-label={t("theme")}
        value={theme}
        onChange={({ currentTarget: { value } }) =>
          setTheme(THEMES.find((each) => each === value) ?? "system")
        }
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {t(`theme_${each}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("language")}
        value={locale}
        onChange={({ currentTarget: { value } }) => setLocale(value === "zh" ? "zh" : "en")}
      >
        <option value="en">English</option>
        <option value="zh">中文</option>
      </select>
    </div>
  );
}
