/** Nacos' codes of failed responses (`errorCode`). Source: `NacosException`, `ConfigQueryResponse`. */
export const ERROR = {
  BAD_REQUEST: 400,
  CONFIG_NOT_FOUND: 300,
  /** The connection was not set up, or the server has given it up. */
  NOT_REGISTERED: 301,
  NO_HANDLER: 302,
  UNREADABLE: 502,
  SERVER: 500,
} as const;
