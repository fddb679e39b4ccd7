// What discovery must be told: the names are those of the environment variables.

/** Where the registry is, and which services need none. */
export interface RegistrySettings {
  /** `host:port`. */
  readonly NACOS_SERVER: string;
  readonly NACOS_NAMESPACE: string;
  readonly NACOS_GROUP: string;
  /** Instances are announced in it, and only its instances are seen. */
  readonly NACOS_CLUSTER: string;
  /** `auto` asks the server which of its APIs it has. */
  readonly NACOS_API: "auto" | "v1" | "v3";
  readonly NACOS_USERNAME?: string | undefined;
  readonly NACOS_PASSWORD?: string | undefined;
  readonly ORDER_SERVICE_URL?: string | undefined;
  readonly PAYMENT_SERVICE_URL?: string | undefined;
  readonly NOTIFICATION_SERVICE_URL?: string | undefined;
}

export interface DiscoverySettings extends RegistrySettings {
  /** Folder for the last-known-good lists, which outlive a restart. */
  readonly DATA_DIR: string;
}
