// The services of this system, in the order in which they are listed everywhere. A service is a folder beside this file
// and a row here; settings, functions, tables, documents and operators' commands are derived from it.

import type { Config, Environment } from "../lib/config/env.ts";
import type { Contract } from "../lib/contract/route.ts";
import type { StateMachinePage } from "../lib/core/rules.ts";
import type { OpenAggregates } from "../lib/outbox/stored.ts";
import type { OpenPersonalData } from "../lib/privacy/records.ts";
import type { TableDefinition } from "../lib/storage/table-definition.ts";
import { notifications } from "./notifications/contract.ts";
import { liveFunctions, notificationRelay, webhookRelay } from "./notifications/relays.ts";
import type { OpenSentMessages } from "./notifications/sent-messages.ts";
import {
  settingProblems as notificationProblems,
  settings as notificationSettings,
} from "./notifications/settings.ts";
import { tables as notificationTables } from "./notifications/tables.ts";
import { orders } from "./orders/contract.ts";
import { orderRelay } from "./orders/relays.ts";
import { tables as orderTables } from "./orders/tables.ts";
import { payments } from "./payments/contract.ts";
import type { OpenTerminal } from "./payments/providers/sandbox/terminal.ts";
import { paymentRelay, sandboxRelay } from "./payments/relays.ts";
import { settingProblems as paymentProblems, settings as paymentSettings } from "./payments/settings.ts";
import { tables as paymentTables } from "./payments/tables.ts";

/** A function without a route. */
export interface BackgroundFunction {
  /** Full name; a relay's ends in `-relay`. */
  readonly name: string;
  /** Its file in `handlers/`. */
  readonly file: string;
  readonly description: string;
}

/** A function that delivers events and does due work. */
export interface RelayFunction extends BackgroundFunction {
  /** True where something parked is no fault of the system (an address that refuses mail): no alarm. */
  readonly parkedIsUsual?: boolean;
}

/** A function of a WebSocket API. */
export interface SocketFunction extends BackgroundFunction {
  readonly route: "$connect" | "$disconnect" | "$default";
}

export interface ServiceDefinition {
  /** Its folder, the first part of its functions' names, and what `--service` takes: `orders`. */
  readonly key: string;
  /**
   * Its contract. Settings and log file are named after `contract.service` (lib/core/service-name.ts), handlers
   * after the routes' ids: `createOrder` is `handlers/create-order.ts`.
   */
  readonly contract: Contract;
  /** The port it listens on, unless its setting names another. */
  readonly port: number;
  readonly tables: readonly TableDefinition[];
  /** Functions that deliver its events and do its due work: run every minute on AWS, when something is due by the local runtime. */
  readonly relays: readonly RelayFunction[];
  /** Its WebSocket API: where it is on this machine (on AWS it has an address of its own), and its functions. */
  readonly sockets?: { readonly path: string; readonly functions: readonly SocketFunction[] };
  /** Of the system's settings (lib/config/env.ts) those that on AWS only its functions get. */
  readonly uses?: readonly (keyof Config)[];
  /** Its own settings; on AWS only its functions get them. */
  readonly settings?: {
    readonly names: readonly string[];
    /** What is wrong with them, one by one or together: lines that begin with the setting's name. */
    problems(env: Environment, debug: boolean): readonly string[];
  };
  // The following is loaded by commands and checks only, and is not in the functions' bundles (build/esbuild-plugins.ts).
  /** What operators' commands may rewrite in its tables, and what may be parked there. */
  readonly aggregates?: () => Promise<OpenAggregates>;
  /** Which data of people its records hold: for `npm run person`. Every table has to be in it. */
  readonly personalData: () => Promise<OpenPersonalData>;
  /** The terminal of its sandbox provider, for the control room. */
  readonly terminal?: () => Promise<OpenTerminal>;
  /** The mails, pushes and messages to webhooks that it has sent, for the control room. */
  readonly sent?: () => Promise<OpenSentMessages>;
  /** Its part of docs/state-machines.md. */
  readonly stateMachines?: () => Promise<readonly StateMachinePage[]>;
}

export const services: readonly ServiceDefinition[] = [
  {
    key: "orders",
    contract: orders,
    port: 8001,
    tables: orderTables,
    relays: [orderRelay],
    aggregates: async () => (await import("./orders/aggregates.ts")).aggregates,
    personalData: async () => (await import("./orders/personal-data.ts")).personalData,
    stateMachines: async () => (await import("./orders/state-machines.ts")).stateMachines,
  },
  {
    key: "payments",
    contract: payments,
    port: 8002,
    tables: paymentTables,
    relays: [paymentRelay, sandboxRelay],
    settings: { names: paymentSettings, problems: paymentProblems },
    aggregates: async () => (await import("./payments/aggregates.ts")).aggregates,
    personalData: async () => (await import("./payments/personal-data.ts")).personalData,
    terminal: async () => (await import("./payments/providers/sandbox/terminal.ts")).openTerminal,
    stateMachines: async () => (await import("./payments/state-machines.ts")).stateMachines,
  },
  {
    key: "notifications",
    contract: notifications,
    port: 8003,
    tables: notificationTables,
    relays: [notificationRelay, webhookRelay],
    sockets: { path: "/api/notifications/live/", functions: liveFunctions },
    uses: ["SMTP_URL", "MAIL_FROM", "CORS_ORIGINS"],
    settings: { names: notificationSettings, problems: notificationProblems },
    aggregates: async () => (await import("./notifications/aggregates.ts")).aggregates,
    personalData: async () => (await import("./notifications/personal-data.ts")).personalData,
    sent: async () => (await import("./notifications/sent-messages.ts")).openSentMessages,
  },
];
