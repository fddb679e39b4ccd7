// The settings of the adapter for Alipay.

export interface AlipaySettings {
  readonly appId: string;
  /** Our private key, PKCS #8 PEM. */
  readonly privateKey: string;
  /** Alipay's public key, PEM. */
  readonly publicKey: string;
  readonly gateway: string;
  readonly checkout: "page" | "qr";
  readonly returnUrl: string | undefined;
  readonly notifyUrl: string;
  /** Timeout of a call, in milliseconds. */
  readonly timeoutMs?: number;
  now(): number;
}
