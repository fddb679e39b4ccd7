// A reply of the registry's HTTP API, before it is written.

export interface ApiReply {
  /** 200 when left out. */
  readonly status?: number;
  readonly type?: "text/plain" | "application/json";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export const json = (value: unknown): ApiReply => ({ type: "application/json", body: JSON.stringify(value) });
