// The settings of the adapter for WeChat Pay.

export interface WechatPaySettings {
  readonly merchantId: string;
  readonly appId: string;
  /** Serial number of our merchant certificate. */
  readonly serial: string;
  /** Our private key, PKCS #8 PEM. */
  readonly privateKey: string;
  /** WeChat Pay's public key, PEM, and its id or the certificate's serial number, which signed messages name. */
  readonly publicKey: string;
  readonly publicKeyId: string;
  /** Another key of WeChat Pay that is still valid, while the merchant changes from one to the other. */
  readonly previousKey?: { readonly id: string; readonly key: string };
  /** Decrypts callbacks. */
  readonly apiV3Key: string;
  readonly gateway: string;
  readonly notifyUrl: string;
  /** Timeout of a call, in milliseconds. */
  readonly timeoutMs?: number;
}

/** WeChat Pay's keys, by their id in `Wechatpay-Serial`: during a change of keys it may sign with either. */
export const platformKeys = ({
  publicKey,
  publicKeyId,
  previousKey,
}: Pick<WechatPaySettings, "publicKey" | "publicKeyId" | "previousKey">): ReadonlyMap<string, string> =>
  new Map([
    ...(previousKey === undefined ? [] : [[previousKey.id, previousKey.key] as const]),
    [publicKeyId, publicKey],
  ]);
