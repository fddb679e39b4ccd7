// Calls to WeChat Pay's API v3 through its SDK, which signs requests and verifies replies.

import { Decorator } from "wechatpay-axios-plugin";
import * as z from "zod";
import { ProviderFailure } from "../provider.ts";
import { platformKeys, type WechatPaySettings } from "./settings.ts";

const TIMEOUT_MS = 4_000;
const MAX_ANSWER_BYTES = 1_000_000;

/** `refused`: WeChat Pay refuses by its rules; `code` is its own. */
export type WechatPayAnswer<T> =
  | { readonly refused: false; readonly data: T }
  | { readonly refused: true; readonly status: number; readonly code: string };

export interface WechatPayRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** @throws {ProviderFailure} without a reply that is signed by WeChat Pay and matches `schema`. */
export type CallWechatPay = <S extends z.ZodType>(
  request: WechatPayRequest,
  schema: S,
) => Promise<WechatPayAnswer<z.output<S>>>;

const refusal = z.object({ code: z.string() });

/**
 * The header `Wechatpay-Serial` requests the key with which the reply is signed: a merchant may be changing from a platform
 * certificate to a public key (https://pay.weixin.qq.com/doc/v3/merchant/4012154180, 4.5). Replies signed by either are accepted.
 */
export function wechatPayApi(settings: WechatPaySettings): CallWechatPay {
  const { v3 } = new Decorator({
    mchid: settings.merchantId,
    serial: settings.serial,
    privateKey: settings.privateKey,
    certs: Object.fromEntries(platformKeys(settings)),
    baseURL: settings.gateway,
    timeout: settings.timeoutMs ?? TIMEOUT_MS,
    maxContentLength: MAX_ANSWER_BYTES,
    maxRedirects: 0,
    proxy: false,
  });
  return async ({ method, path, query, body }, schema) => {
    try {
      const headers = { "Wechatpay-Serial": settings.publicKeyId };
      const { data } = await v3.request<unknown>({ method, url: path, params: query, data: body, headers });
      const parsed = schema.safeParse(data);
      if (parsed.success) return { refused: false, data: parsed.data };
    } catch (error) {
      const answer = refusalOf(error);
      if (answer) return answer;
      throw new ProviderFailure("wechat_pay", `${method} ${path}: ${callFailureOf(error)}`);
    }
    throw new ProviderFailure("wechat_pay", `${method} ${path}: its answer can't be read`);
  };
}

/** A refusal by WeChat Pay's rules: a 4xx with a code. Undefined for its own failures and for an invalid signature. */
function refusalOf(error: unknown): Extract<WechatPayAnswer<never>, { refused: true }> | undefined {
  const response = isCallError(error) ? error.response : undefined;
  if (!response || response.status < 400 || response.status > 499) return undefined;
  if (response.status === 429 || response.status === 401) return undefined;
  const parsed = refusal.safeParse(response.data);
  return parsed.success ? { refused: true, status: response.status, code: parsed.data.code } : undefined;
}

/** Why a call failed, without the keys and replies that the SDK's errors contain. */
function callFailureOf(error: unknown): string {
  if (!isCallError(error)) return "no answer";
  const { response } = error;
  if (response === undefined) return `no answer (${error.code ?? "unknown"})`;
  const { status } = response;
  const what =
    status < 400 ? `an answer that is not signed by WeChat Pay (${error.code})` : `HTTP status ${status}`;
  return `${what}${requestId(response.headers)}`;
}

/** WeChat Pay's request id, which its support needs. */
function requestId(headers: Readonly<Record<string, unknown>>): string {
  const id = headers["request-id"];
  return typeof id === "string" && /^[\w-]{1,64}$/.test(id) ? `, Request-ID ${id}` : "";
}

/** An error of the SDK: one of axios. */
interface CallError {
  readonly code?: string;
  readonly response?: {
    readonly status: number;
    readonly data: unknown;
    readonly headers: Readonly<Record<string, unknown>>;
  };
}

const isCallError = (error: unknown): error is CallError =>
  typeof error === "object" && error !== null && "isAxiosError" in error && error.isAxiosError === true;
