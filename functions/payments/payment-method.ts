// The ways to pay, for the contract and for the providers.

export const PAYMENT_METHODS = ["sandbox", "alipay", "wechat_pay"] as const;

export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
