// The live configuration: read, checked, published, and seen in effect.

import * as z from "zod";
import type { Config } from "../../../lib/config/env.ts";
import { md5Of } from "../../../lib/config/live-config.ts";
import {
  changesBetween,
  flatSettings,
  type LiveSettings,
  liveSettings,
  parseOverlay,
} from "../../../lib/config/live-schema.ts";
import { NacosConfig } from "../../../lib/config/nacos-config.ts";
import { DATA_ID } from "../../../lib/config/watch-live.ts";
import { messageOf } from "../../../lib/core/failure-text.ts";
import { Problem } from "../../../lib/http/problem.ts";
import { apiChoice } from "../../../lib/nacos/api.ts";
import { NacosTransport } from "../../../lib/nacos/transport.ts";
import type { Log } from "../../../lib/observability/log.ts";
import type { Runtimes } from "../runtimes.ts";
import { systemSettings } from "../system-settings.ts";
import { appliedConfigs, untilApplied } from "./applied.ts";
import { publishDocument } from "./config-publisher.ts";
import type { ConfigOutcome, LiveConfigView } from "./contract.ts";

export interface ConfigPorts {
  readonly runtimes: Pick<Runtimes, "all">;
  /** The settings of the system; by default those that its runtimes report. @throws {Problem} while they are not known. */
  readonly settings?: () => Config;
}

const request = z.object({
  content: z.string().max(100_000).nullable(),
  dry_run: z.boolean(),
  replaces: z.string().nullable(),
});

/** The page shows what the registry does not do; the runtimes log it. */
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function configRoutes({ runtimes, settings = () => systemSettings(runtimes) }: ConfigPorts) {
  return {
    async read(): Promise<LiveConfigView> {
      const config = settings();
      const { server, namespace, group } = placeOf(config);
      const [content, instances] = await Promise.all([published(config), appliedConfigs(runtimes)]);
      return {
        document: {
          registry: server,
          namespace,
          group,
          data_id: DATA_ID,
          content: content ?? null,
          md5: content === undefined ? null : md5Of(content),
          problems: content === undefined ? [] : settingsOf(config, content).problems,
        },
        settings: settingViews(config, content),
        instances,
      };
    },
    async command(asked: unknown): Promise<ConfigOutcome> {
      const { data } = request.safeParse(asked, { jitless: true });
      if (data === undefined) throw new Problem(400, "malformed", "Send content, dry_run and replaces.");
      const config = settings();
      const before = await published(config);
      const now = settingsOf(config, before);
      const next = settingsOf(config, data.content ?? undefined);
      const changes = next.problems.length > 0 ? [] : changesBetween(now.settings, next.settings);
      if (data.dry_run || next.problems.length > 0) return { problems: next.problems, changes, applied: [] };
      const md5 = before === undefined ? null : md5Of(before);
      if (md5 !== data.replaces)
        throw new Problem(409, "config_changed", "Somebody else has published since; read it again.");
      await publish(config, data.content);
      const wanted = data.content === null ? null : md5Of(data.content);
      return { problems: [], changes, applied: await untilApplied(runtimes, wanted) };
    },
  };
}

interface Effect {
  readonly settings: LiveSettings;
  readonly problems: readonly string[];
}

/** The settings in effect with `text`; those of the environment, with the reasons, where it is refused. */
function settingsOf(config: Config, text: string | undefined): Effect {
  const parsed = text === undefined ? { overlay: {} } : parseOverlay(text);
  return "problems" in parsed
    ? { settings: liveSettings(config), problems: parsed.problems }
    : { settings: liveSettings(config, parsed.overlay), problems: [] };
}

function settingViews(config: Config, text: string | undefined): LiveConfigView["settings"] {
  const environment = flatSettings(liveSettings(config));
  const effective = flatSettings(settingsOf(config, text).settings);
  return Object.entries(environment).map(([name, value]) => ({
    name,
    environment: String(value),
    document: effective[name] === value ? null : String(effective[name]),
  }));
}

function placeOf(config: Config) {
  const { NACOS_SERVER: server, NACOS_NAMESPACE: namespace, NACOS_GROUP: group } = config;
  if (server === undefined) throw new Problem(409, "no_registry", "The system has no registry.");
  return { server, namespace, group };
}

const published = (config: Config): Promise<string | undefined> =>
  atRegistry(config, async (transport) => {
    const { namespace, group } = placeOf(config);
    const choice = apiChoice(config.NACOS_API, false);
    const source = new NacosConfig({ transport, log: SILENT, ...choice, namespace, group, dataId: DATA_ID });
    try {
      return await source.read();
    } finally {
      source.close();
    }
  });

const publish = (config: Config, content: string | null): Promise<void> =>
  atRegistry(config, (transport) =>
    publishDocument(transport, { ...placeOf(config), dataId: DATA_ID }, content),
  );

/** Its connection is used once: the panel asks seldom, and the registry may be another one by then. */
async function atRegistry<T>(config: Config, work: (transport: NacosTransport) => Promise<T>): Promise<T> {
  const { NACOS_CA: ca, NACOS_USERNAME: username, NACOS_PASSWORD: password } = config;
  const { server } = placeOf(config);
  const transport = new NacosTransport({ server, ca, username, password, log: SILENT });
  try {
    return await work(transport);
  } catch (error) {
    throw new Problem(502, "registry_failed", messageOf(error));
  } finally {
    await transport.close();
  }
}
