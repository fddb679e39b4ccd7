// The settings of discovery, named like the environment variables.

/** Where the registry is. */
export interface RegistrySettings {
  /**
   * `host:port`, or `https://host:port` for TLS; undefined where there is no registry, so that every service needs a fixed
   * address.
   */
  readonly NACOS_SERVER?: string | undefined;
  /** CA certificates in PEM for the registry's TLS; by default those that Node trusts. */
  readonly NACOS_CA?: string | undefined;
  readonly NACOS_NAMESPACE: string;
  readonly NACOS_GROUP: string;
  /** Instances are registered in it, and only its instances are listed. */
  readonly NACOS_CLUSTER: string;
  /** `auto` finds out which API the server supports. */
  readonly NACOS_API: "auto" | "v1" | "v3" | "grpc";
  readonly NACOS_USERNAME?: string | undefined;
  readonly NACOS_PASSWORD?: string | undefined;
}

export interface DiscoverySettings extends RegistrySettings {
  /** Folder for the snapshots, which survive a restart. */
  readonly DATA_DIR: string;
}

/** The fixed base URL of a service that needs no registry. */
export type UrlOf = (service: string) => string | undefined;
