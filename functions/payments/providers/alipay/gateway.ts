// Calls to Alipay's gateway through its SDK, which signs what is sent and verifies what comes back.

import * as z from "zod";
import { plainBeijingTime } from "../beijing-time.ts";
import { ProviderFailure } from "../provider.ts";
import { AlipaySdk } from "./sdk.ts";
import type { AlipaySettings } from "./settings.ts";

const TIMEOUT_MS = 4_000;
const SUCCESS = "10000";
const BUSINESS_FAILED = "40004";

const common = z.looseObject({ code: z.string(), sub_code: z.string().optional() });

/** `refused`: Alipay refuses by its rules; `code` is its `sub_code`. */
export type AlipayAnswer<T> =
  | { readonly refused: false; readonly data: T }
  | { readonly refused: true; readonly code: string };

export interface AlipayGateway {
  /** @throws {ProviderFailure} without a reply that is signed by Alipay and matches `schema`. */
  call<S extends z.ZodType>(
    method: string,
    bizContent: Record<string, unknown>,
    schema: S,
    also?: { readonly notifyUrl: string },
  ): Promise<AlipayAnswer<z.output<S>>>;
  /** The URL of the page to which the payer is redirected. */
  pageUrl(method: string, bizContent: Record<string, unknown>, also: Record<string, string>): string;
}

export function alipayGateway(settings: AlipaySettings): AlipayGateway {
  const { appId, privateKey, publicKey, gateway, timeoutMs = TIMEOUT_MS, now } = settings;
  const sdk = new AlipaySdk({
    appId,
    privateKey,
    alipayPublicKey: publicKey,
    keyType: "PKCS8",
    gateway,
    timeout: timeoutMs,
    camelcase: false,
  });
  // The SDK would use the machine's time zone.
  const stamped = (bizContent: Record<string, unknown>) => ({
    bizContent,
    timestamp: plainBeijingTime(now()),
  });
  return {
    async call(method, bizContent, schema, also = undefined) {
      const params = { ...stamped(bizContent), ...also };
      const reply: unknown = await sdk
        .exec(method, params, { validateSign: true })
        .catch((error: unknown) => {
          throw new ProviderFailure("alipay", `${method}: ${callFailureOf(error)}`);
        });
      const { success, data } = common.safeParse(reply);
      if (success && data.code === BUSINESS_FAILED) return { refused: true, code: data.sub_code ?? "" };
      if (!success || data.code !== SUCCESS) {
        const codes = success ? `${data.code} ${data.sub_code ?? ""}` : "without a code";
        throw new ProviderFailure("alipay", `${method}: it answered ${codes}`);
      }
      const parsed = schema.safeParse(reply);
      if (!parsed.success) throw new ProviderFailure("alipay", `${method}: its answer can't be read`);
      return { refused: false, data: parsed.data };
    },
    pageUrl: (method, bizContent, also) =>
      sdk.pageExecute(method, "GET", { ...stamped(bizContent), ...also }),
  };
}

/** Why a call failed, without the parts of the reply that the SDK's errors quote. */
function callFailureOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const status = /status: (\d{3})/.exec(message)?.[1];
  if (status !== undefined) return `HTTP status ${status}`;
  if (message.startsWith("HttpClient Request error")) return "no answer";
  return "an answer that is not signed by Alipay, or can't be read";
}
