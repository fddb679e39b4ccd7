// What Alipay is reached with.

export interface AlipaySettings {
  readonly appId: string;
  /** Ours, PKCS #8 PEM. */
  readonly privateKey: string;
  /** Alipay's, PEM. */
  readonly publicKey: string;
  readonly gateway: string;
  readonly checkout: "page" | "qr";
  readonly returnUrl: string | undefined;
  readonly notifyUrl: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
  now(): number;
}
