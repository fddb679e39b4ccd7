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
  /** Another one of WeChat Pay's that is still valid while a merchant changes from one to the other. */
  readonly previousKey?: { readonly id: string; readonly key: string };
  /** Decrypts callbacks. */
  readonly apiV3Key: string;
  readonly gateway: string;
  readonly notifyUrl: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
}

/** WeChat Pay's keys, by the id that it names in `Wechatpay-Serial`: while they change, it may sign by either. */
export const platformKeys = ({
  publicKey,
  publicKeyId,
  previousKey,
}: Pick<WechatPaySettings, "publicKey" | "publicKeyId" | "previousKey">): ReadonlyMap<string, string> =>
  new Map([
    ...(previousKey === undefined ? [] : [[previousKey.id, previousKey.key] as const]),
    [publicKeyId, publicKey],
  ]);
