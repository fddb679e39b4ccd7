// The payment providers: each has a folder here, and a line. Methods, settings, check plans and bundles derive from it.

export { alipay } from "./alipay/index.ts";
export { sandbox } from "./sandbox/index.ts";
export { wechatPay } from "./wechat-pay/index.ts";
