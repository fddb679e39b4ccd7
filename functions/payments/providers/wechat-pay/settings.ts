// What WeChat Pay is reached with.

export interface WechatPaySettings {
  readonly merchantId: string;
  readonly appId: string;
  /** Of our merchant certificate. */
  readonly serial: string;
  /** Ours, PKCS #8 PEM. */
  readonly privateKey: string;
  /** WeChat Pay's, PEM, and the id (or the certificate's serial number) that it names in what it signs. */
  readonly publicKey: string;
  readonly publicKeyId: string;
  /** Decrypts callbacks. */
  readonly apiV3Key: string;
  readonly gateway: string;
  readonly notifyUrl: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
}
