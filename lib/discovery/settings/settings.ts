// What discovery must be told: the names are those of the environment variables.

/** Where the registry is. */
export interface RegistrySettings {
  /**
   * `host:port`, with `https://` in front where it is spoken to over TLS; undefined where there is none, so that every
   * service needs a fixed address.
   */
  readonly NACOS_SERVER?: string | undefined;
  /** Certificates in PEM that may have signed the registry's; by default those that Node trusts. */
  readonly NACOS_CA?: string | undefined;
  readonly NACOS_NAMESPACE: string;
  readonly NACOS_GROUP: string;
  /** Instances are announced in it, and only its instances are seen. */
  readonly NACOS_CLUSTER: string;
  /** `auto` asks the server which of its APIs it has. */
  readonly NACOS_API: "auto" | "v1" | "v3";
  readonly NACOS_USERNAME?: string | undefined;
  readonly NACOS_PASSWORD?: string | undefined;
}

export interface DiscoverySettings extends RegistrySettings {
  /** Folder for the last-known-good lists, which outlive a restart. */
  readonly DATA_DIR: string;
}

/** The fixed base URL of a service that needs no registry. */
export type UrlOf = (service: string) => string | undefined;
