// The providers that are offered here: those that are configured. Their adapters are loaded when they are first called.

import type { Config } from "../../../lib/config/env.ts";
import type { PaymentMethod } from "../payment.ts";
import { alipayReplies } from "./alipay/replies.ts";
import { alipaySettings } from "./alipay/settings.ts";
import { lazyProvider } from "./lazy-provider.ts";
import type { Provider } from "./provider.ts";
import { wechatPayReplies } from "./wechat-pay/replies.ts";
import { wechatPaySettings } from "./wechat-pay/settings.ts";

/** All providers that `config` allows, with `sandbox` if play money may be paid with. */
export function offeredProviders(config: Config, sandbox: Provider): ReadonlyMap<PaymentMethod, Provider> {
  const alipay = alipaySettings(config);
  const wechatPay = wechatPaySettings(config);
  const offered: Provider[] = [];
  // Play money must not buy anything real: outside DEBUG only who sets its secret gets it.
  if (config.DEBUG || config.SANDBOX_SECRET !== undefined) offered.push(sandbox);
  if (alipay) {
    const load = async () => (await import("./alipay/alipay.ts")).createAlipay(alipay);
    offered.push(lazyProvider({ method: "alipay", replies: alipayReplies }, load));
  }
  if (wechatPay) {
    const load = async () => (await import("./wechat-pay/wechat-pay.ts")).createWechatPay(wechatPay);
    offered.push(lazyProvider({ method: "wechat_pay", replies: wechatPayReplies }, load));
  }
  return new Map(offered.map((provider) => [provider.method, provider]));
}
